import { foldMessage, targetOf } from './fold-message.ts';
import type { WireConversation, WireEvent, WireMessage, WireRange } from './wire.ts';

/** A stretch of seqs, both ends included. */
export interface SeqRange {
  from: number;
  to: number;
}

/** What a device holds of one conversation. */
export interface ConversationCopy {
  readonly conversationId: string;
  /** What sync last said about it. */
  summary: WireConversation | undefined;
  /** Everything up to here is held, or is not for this user. */
  readonly knownTo: number;
  /** Every held event in seq order. */
  events(): WireEvent[];
  has(seq: number): boolean;
  /** Held messages in seq order and in their present state. */
  messages(): WireMessage[];
  message(seq: number): WireMessage | undefined;
  /** Takes an event; false when it was held already (a repeat). */
  add(event: WireEvent): boolean;
  /** Takes a message in its present state, as an answer or a range brought it; false when it was held already. */
  addMessage(message: WireMessage): boolean;
  /** Takes a range as it was answered; gives the events that were new. */
  addRange(range: WireRange): WireEvent[];
  /** What is missing in the range is not for this user: do not ask again. */
  cover(range: SeqRange): void;
  /** The first stretch below the newest held event that is neither held nor covered. */
  gap(): SeqRange | undefined;
}

/** An empty copy. */
export function createConversationCopy(conversationId: string): ConversationCopy {
  const events = new Map<number, WireEvent>();
  const messages = new Map<number, WireMessage>();
  const changes = new Map<number, WireEvent[]>();
  const covered = new Set<number>();
  let knownTo = 0;
  let newest = 0;

  function advance(): void {
    while (covered.delete(knownTo + 1) || events.has(knownTo + 1)) knownTo++;
  }

  function folded(message: WireMessage): WireMessage {
    return foldMessage(message, changes.get(message.seq) ?? []);
  }

  const copy: ConversationCopy = {
    conversationId,
    summary: undefined,
    get knownTo() {
      return knownTo;
    },
    events: () => [...events.values()].sort((one, other) => one.seq - other.seq),
    has: (seq) => events.has(seq),
    messages: () => [...messages.values()].sort((one, other) => one.seq - other.seq).map(folded),
    message(seq) {
      const message = messages.get(seq);
      return message && folded(message);
    },
    add(event) {
      if (event.message) keepNewer(messages, event.message);
      if (events.has(event.seq)) return false;
      events.set(event.seq, event);
      const target = targetOf(event);
      if (target !== undefined) changes.set(target, [...(changes.get(target) ?? []), event]);
      newest = Math.max(newest, event.seq);
      advance();
      return true;
    },
    addMessage: (message) => copy.add(eventOf(message)),
    addRange(range) {
      const all = [...range.messages.map(eventOf), ...range.events];
      const added = all.sort((one, other) => one.seq - other.seq).filter((event) => copy.add(event));
      copy.cover({ from: range.fromSeq, to: range.toSeq });
      return added;
    },
    cover({ from, to }) {
      for (let seq = Math.max(from, knownTo + 1); seq <= to; seq++) covered.add(seq);
      newest = Math.max(newest, to);
      advance();
    },
    gap() {
      if (knownTo >= newest) return undefined;
      let to = knownTo + 1;
      while (to < newest && !events.has(to + 1) && !covered.has(to + 1)) to++;
      return { from: knownTo + 1, to };
    },
  };
  return copy;
}

/** The event that brought a message. */
export function eventOf(message: WireMessage): WireEvent {
  return {
    conversationId: message.conversationId,
    seq: message.seq,
    at: message.sentAt,
    actorUid: message.senderUid,
    message,
  };
}

function keepNewer(messages: Map<number, WireMessage>, message: WireMessage): void {
  const held = messages.get(message.seq);
  if (!held || held.asOfSeq < message.asOfSeq) messages.set(message.seq, message);
}
