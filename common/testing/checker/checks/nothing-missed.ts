import type { WireEvent, WireMessage } from '../../client/wire.ts';
import { covers, type Span } from '../entitled-spans.ts';
import { identityOf } from '../event-identity.ts';
import { eventsOf, type FinalLog } from '../final-log.ts';
import type { State, Summary } from '../history.ts';
import type { Ledger } from '../ledger.ts';
import { holds, isTrueState } from '../message-states.ts';
import type { Violation } from '../violation.ts';

/** P4: every device's copy, a new device's first sync and history by range are one and the same in the end. */
export function nothingMissed(ledger: Ledger): Violation[] {
  return [...ledger.states.flatMap((state) => differences(ledger, state)), ...notHadAtAll(ledger)].map(
    (text) => ({
      promise: 'P4',
      text,
    }),
  );
}

function differences(ledger: Ledger, state: State): string[] {
  const log = ledger.log(state.conversationId);
  const spans = ledger.spans(state.conversationId, state.uid);
  if (spans.length === 0) return [];
  const who = `${state.device} (${state.of})`;
  const has = new Map(eventsOf(state).map((event) => [event.seq, event]));
  const texts: string[] = [];
  for (const stored of log.events.values()) {
    if (!covers(spans, stored.seq)) continue;
    const own = has.get(stored.seq);
    const what = `${state.conversationId} #${stored.seq}, the ${identityOf(stored)}`;
    if (!own) texts.push(`${who} lacks ${what}`);
    else if (!isSame(ledger, state, spans, stored, own)) {
      texts.push(
        `${who} has otherwise ${what}: ${JSON.stringify(own)} where the store has ${JSON.stringify(stored)}`,
      );
    }
  }
  if (state.summary) texts.push(...untrueSummary(ledger, log, state, state.summary));
  return texts;
}

/** Someone who was shown a conversation, or may see it, and has no copy of it although others of theirs were read. */
function notHadAtAll(ledger: Ledger): string[] {
  const byReader = Map.groupBy(ledger.states, (state) => `${state.of} ${state.device} ${state.uid}`);
  return [...byReader.values()].flatMap((states) => {
    const { of, device, uid } = states[0]!;
    const had = new Set(states.map((state) => state.conversationId));
    return [...ledger.logs.values()]
      .filter((log) => !had.has(log.conversationId))
      .filter((log) =>
        [...log.events.keys()].some((seq) => covers(ledger.spans(log.conversationId, uid), seq)),
      )
      .map((log) => `${device} (${of}) has nothing at all of ${log.conversationId}`);
  });
}

function isSame(
  ledger: Ledger,
  state: State,
  spans: readonly Span[],
  stored: WireEvent,
  own: WireEvent,
): boolean {
  if (identityOf(stored) !== identityOf(own)) return false;
  if (own.message && stored.message) {
    if (!isTrueState(ledger, own.message, state.uid, state.of === 'copy' ? 'copy' : true)) return false;
    // Who does not see every change may see another state than the one the store's readers got.
    const seesAll = ledger
      .log(state.conversationId)
      .changesOf(stored.seq)
      .every((change) => covers(spans, change.seq));
    return !seesAll || holds(factsOf(own.message), factsOf(stored.message));
  }
  if (own.at !== stored.at) return false;
  const { edited } = stored;
  // A copy may keep the text of an edit that a recall has erased since; it does not show it.
  if (!edited?.content || !covers(spans, edited.targetSeq)) return true;
  return holds(own.edited?.content, edited.content);
}

function factsOf({ senderUid, sentAt, content, replyToSeq, editedAt, recalledAt }: WireMessage) {
  // Of a recalled message it does not matter any more when it was edited.
  return { senderUid, sentAt, content, replyToSeq, recalledAt, editedAt: recalledAt ? undefined : editedAt };
}

function untrueSummary(ledger: Ledger, log: FinalLog, state: State, summary: Summary): string[] {
  const spans = ledger.spans(state.conversationId, state.uid);
  if (!spans.some((span) => span.toSeq >= log.head && span.fromSeq === 1)) return [];
  const who = `${state.device} (${state.of}) has of ${state.conversationId}`;
  const peer = ledger.states.find(
    (other) => other.conversationId === state.conversationId && other.uid !== state.uid && other.summary,
  );
  const unread = log.messages.filter((message) => message.seq > summary.readSeq).length;
  const expected: Partial<Summary> = {
    headSeq: log.head,
    readSeq: readSeqOf(ledger, state),
    unread,
    peerReadSeq: summary.peerReadSeq === undefined ? undefined : peer?.summary?.readSeq,
  };
  return (Object.keys(expected) as (keyof Summary)[])
    .filter((key) => expected[key] !== undefined && expected[key] !== summary[key])
    .map((key) => `${who} ${key} ${summary[key]} where ${expected[key]} is true`);
}

/** How far someone has read, by what is the most that any of their devices ended with. */
function readSeqOf(ledger: Ledger, { conversationId, uid }: State): number {
  return Math.max(
    0,
    ...ledger.states
      .filter((state) => state.conversationId === conversationId && state.uid === uid)
      .map((state) => state.summary?.readSeq ?? 0),
  );
}
