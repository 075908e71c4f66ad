import type { OutgoingRequest } from '../client/outgoing.ts';
import type { WireEvent, WireMessage } from '../client/wire.ts';

/**
 * What the clients of a server recorded of everything they did and saw, in the
 * order in which it happened. One line of JSON each in a file.
 *
 * Conversations go by their real ids. A device's name is unique in a history.
 */
export type HistoryEntry =
  | Invoked
  | Answered
  | Refused
  | Welcomed
  | Synced
  | Saw
  | SawMark
  | Resync
  | Displayed
  | Held
  | State
  | Member
  | ServerLife;

/** Something a client asked for; what was neither answered nor refused is unknown. */
export type Request = OutgoingRequest | { kind: 'markRead'; body: { conversationId: string; seq: number } };

interface OfDevice {
  device: string;
  uid: string;
}

interface OfRequest extends OfDevice {
  /** What one device sends over sockets keeps its order, whatever happens to connections; HTTP has none. */
  via: 'socket' | 'http';
  request: Request;
}

/** Recorded before it is sent for the first time; sending it again by oneself is no new invocation. */
export interface Invoked extends OfRequest {
  entry: 'invoked';
}

/** Recorded as soon as an answer has come; a request may have several. */
export interface Answered extends OfRequest {
  entry: 'answered';
  answer: { message: WireMessage } | { readSeq: number; unread: number };
}

/** Refused for good. "Not now" is no refusal: it leaves the request unknown until it is sent again. */
export interface Refused extends OfRequest {
  entry: 'refused';
  reason: string;
}

/** A device said hello and was let in. */
export interface Welcomed extends OfDevice {
  entry: 'welcomed';
  epoch: string;
}

/** One page of sync: from which cursor to which. Its events are recorded as seen besides. */
export interface Synced extends OfDevice {
  entry: 'synced';
  from?: string;
  to: string;
  more: boolean;
  conversations: { conversationId: string; headSeq: number; seqs: number[] }[];
}

/** An event reached a device, as it came. */
export interface Saw extends OfDevice {
  entry: 'saw';
  by: 'push' | 'sync' | 'history';
  event: WireEvent;
}

/** A device was told how far somebody has read. */
export interface SawMark extends OfDevice {
  entry: 'sawMark';
  conversationId: string;
  reader: string;
  seq: number;
}

/** A device was told that pushes to it may have been lost. */
export interface Resync extends OfDevice {
  entry: 'resync';
}

/** What stood on a device's screen at some moment, line by line. */
export interface Displayed extends OfDevice {
  entry: 'displayed';
  conversationId: string;
  lines: { seq: number; senderUid?: string; clientMsgId?: string }[];
}

/**
 * The seqs that a device held. Recorded of devices that are online, when
 * nothing was under way any more and they were given time.
 */
export interface Held extends OfDevice {
  entry: 'held';
  conversationId: string;
  seqs: number[];
}

/**
 * A whole conversation as someone has it in the end, after everything: a
 * device's own copy, a new device's first sync, or history by range.
 */
export interface State extends OfDevice {
  entry: 'state';
  of: 'copy' | 'fresh' | 'history';
  conversationId: string;
  messages: WireMessage[];
  /** All that are no messages. */
  events: WireEvent[];
  summary?: Summary;
}

/** What sync says of a conversation beside its events. */
export interface Summary {
  headSeq: number;
  readSeq: number;
  unread: number;
  peerReadSeq?: number;
}

/** From and to where someone may see a group, both included; the other kinds of conversations say it by their ids. */
export interface Member {
  entry: 'member';
  conversationId: string;
  uid: string;
  fromSeq: number;
  toSeq?: number;
}

/** What was done to the server; for people who read the history. */
export interface ServerLife {
  entry: 'server';
  what: string;
  /** By the clock of the server's machine, RFC 3339. */
  at: string;
}
