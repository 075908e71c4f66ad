import type { ImError } from '@im/common/errors/im-error.ts';
import type { ClientFrame, ServerFrame } from '@im/common/gen/im/ws/v1/frames_pb.ts';

/** What a client frame asks for, by the name of its field. */
export type FrameKind = NonNullable<ClientFrame['frame']['case']>;

/** What became of the bytes of a client frame. */
export type ParsedFrame =
  | { readonly kind: 'frame'; readonly frame: ClientFrame }
  /** A known frame with a bad field: answered with an error. */
  | { readonly kind: 'refused'; readonly id: string; readonly asked: FrameKind; readonly error: ImError }
  /** Nothing that could be answered; `why` goes into the close frame. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** How frames are written on the wire, by subprotocol. The rest of the gateway sees messages only. */
export interface Codec {
  readonly subprotocol: string;
  /** Whether its frames are binary WebSocket frames. */
  readonly binary: boolean;
  /** Reads a frame's shape; rules of `buf.validate` are checked afterwards. */
  parse(payload: Buffer): ParsedFrame;
  encode(frame: ServerFrame): string | Uint8Array;
}
