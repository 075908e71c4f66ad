import type { Duplex } from 'node:stream';
import type { VerifiedToken } from '@im/common/identity/access-token-verifier.ts';
import type { WebSocket } from 'ws';
import type { Codec } from '../codec/codec.ts';
import type { SharedFrame } from '../codec/shared-frame.ts';
import type { CloseCode } from '../domain/close-codes.ts';
import type { FrameRate } from '../domain/frame-rate.ts';
import type { SendOrder } from '../domain/send-order.ts';
import type { TypingRate } from '../domain/typing-rate.ts';
import type { Send } from '../sends/send.ts';
import type { JoinedFrames } from './joined-frames.ts';
import type { RequestSlots } from './request-slots.ts';

/**
 * - `new`: waits for hello
 * - `signingIn`: hello is being checked; frames and pushes wait
 * - `open`: welcomed
 * - `closed`: we or the client are done with it
 */
export type ConnectionState = 'new' | 'signingIn' | 'open' | 'closed';

/** One socket and everything known about it. */
export interface Connection {
  readonly id: string;
  readonly ws: WebSocket;
  /** What `ws` writes to; frames that were joined go there directly. */
  readonly socket: Duplex;
  readonly codec: Codec;
  /** The client's network address. */
  readonly address: string;
  state: ConnectionState;
  /** Whose it is, once hello has been believed. */
  user: VerifiedToken | undefined;
  /** Ends when the location is written; present from then on. */
  located: Promise<void> | undefined;
  /** Frames of the client that came after hello and before welcome. */
  early: Buffer[];
  /** Pushes that came before welcome. */
  held: SharedFrame[];
  /** A push could not be held: the welcome is followed by a resync. */
  heldTooMany: boolean;
  /** When anything was last heard of the client, on the monotonic clock in milliseconds. */
  heardAt: number;
  pingAt: number;
  readonly rate: FrameRate;
  readonly typing: TypingRate;
  /** Frames of this tick that are still to be written. */
  unwritten: JoinedFrames | undefined;
  /** Bytes of large answers that the network has not taken yet. */
  answerBytes: number;
  /** Frames, and their bytes, that the client has sent and that are not answered. */
  owedFrames: number;
  owedBytes: number;
  readonly requests: RequestSlots;
  /** A sync may answer megabytes: one at a time. */
  readonly syncs: RequestSlots;
  /** The order of its sends, by conversation. */
  readonly sends: Map<string, SendOrder<Send>>;
  /** Numbers the client's frames, for request ids. */
  frameCount: number;
  /** The code we closed it with. */
  closedWith: CloseCode | undefined;
  /** Gives up on a hello or on a closing handshake that takes too long. */
  timer: NodeJS.Timeout | undefined;
}
