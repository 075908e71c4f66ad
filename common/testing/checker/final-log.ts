import { eventOf } from '../client/conversation-copy.ts';
import { targetOf } from '../client/fold-message.ts';
import type { WireEvent, WireMessage } from '../client/wire.ts';
import type { State } from './history.ts';

/** A conversation as the store has it in the end: what its members read by range, put together. */
export interface FinalLog {
  readonly conversationId: string;
  /** Whether anybody read it. */
  readonly wasRead: boolean;
  /** The greatest seq, 0 when there is nothing. */
  readonly head: number;
  /** By seq, ascending. */
  readonly events: ReadonlyMap<number, WireEvent>;
  readonly messages: readonly WireMessage[];
  message(seq: number): WireMessage | undefined;
  /** The edits and the recall of a message, in seq order. */
  changesOf(seq: number): readonly WireEvent[];
  /** Every message of this name; more than one is a fault. */
  named(senderUid: string, clientMsgId: string): readonly WireMessage[];
}

/** @param states what was read by range, of this conversation only */
export function finalLog(conversationId: string, states: readonly State[]): FinalLog {
  const bySeq = new Map<number, WireEvent>();
  // Whoever was out for a while has edits without their text, and messages as they left them: those who saw most come first.
  const fullest = states.toSorted((one, other) => eventsOf(other).length - eventsOf(one).length);
  for (const state of fullest) {
    for (const event of eventsOf(state)) if (!bySeq.has(event.seq)) bySeq.set(event.seq, event);
  }
  const events = new Map([...bySeq].sort(([one], [other]) => one - other));
  const messages = [...events.values()].flatMap((event) => event.message ?? []);
  const changes = Map.groupBy(events.values(), (event) => targetOf(event) ?? 0);
  const names = Map.groupBy(messages, (message) => `${message.senderUid} ${message.clientMsgId}`);
  return {
    conversationId,
    wasRead: states.length > 0,
    head: [...events.keys()].at(-1) ?? 0,
    events,
    messages,
    message: (seq) => events.get(seq)?.message,
    changesOf: (seq) => changes.get(seq) ?? [],
    named: (senderUid, clientMsgId) => names.get(`${senderUid} ${clientMsgId}`) ?? [],
  };
}

/** All events of a state, messages and others. */
export function eventsOf(state: State): WireEvent[] {
  return [...state.messages.map(eventOf), ...state.events];
}
