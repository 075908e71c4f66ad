import type { WireEvent } from '../../client/wire.ts';
import { covers } from '../entitled-spans.ts';
import { identityOf } from '../event-identity.ts';
import { eventsOf, type FinalLog } from '../final-log.ts';
import type { Ledger } from '../ledger.ts';
import { editContents, holds, isTrueState } from '../message-states.ts';
import type { Violation } from '../violation.ts';

/** P2: seqs 1 … n without a hole, and one event at each seq, the same for everybody who ever saw it. */
export function gaplessOrder(ledger: Ledger): Violation[] {
  const texts = [
    ...[...ledger.logs.values()].flatMap((log) => holes(ledger, log)),
    ...disagreements(ledger),
    ...ledger.states.flatMap((state) => {
      const seqs = eventsOf(state).map((event) => event.seq);
      if (new Set(seqs).size === seqs.length) return [];
      const twice = seqs.find((seq, index) => seqs.indexOf(seq) !== index);
      return [`${state.device} has two events at ${state.conversationId} #${twice} (${state.of})`];
    }),
  ];
  return [...new Set(texts)].map((text) => ({ promise: 'P2', text }));
}

function holes(ledger: Ledger, log: FinalLog): string[] {
  const readers = ledger.states.filter(
    (state) => state.of === 'history' && state.conversationId === log.conversationId,
  );
  // What no reader may see cannot be told from a hole.
  const spans = readers.flatMap(({ uid }) => ledger.spans(log.conversationId, uid));
  const missing: number[] = [];
  for (let seq = 1; seq <= log.head; seq++) {
    if (!log.events.has(seq) && covers(spans, seq)) missing.push(seq);
  }
  return missing.map((seq) => `${log.conversationId} has nothing at #${seq}, below its last #${log.head}`);
}

function disagreements(ledger: Ledger): string[] {
  const seen = [
    ...ledger.sightings.map(({ device, uid, by, event }) => ({ who: `${device} (${by})`, uid, event })),
    ...ledger.states.flatMap((state) =>
      eventsOf(state).map((event) => ({ who: `${state.device} (${state.of})`, uid: state.uid, event })),
    ),
  ];
  return seen.flatMap(({ who, uid, event }) => {
    const { conversationId, seq } = event;
    const stored = ledger.log(conversationId).events.get(seq);
    const saw = `${who} saw at ${conversationId} #${seq} the ${identityOf(event)}`;
    if (!stored) return [`${saw}; in the end nothing is there`];
    if (identityOf(stored) !== identityOf(event))
      return [`${saw}; in the end it is the ${identityOf(stored)}`];
    if (saysTheSame(ledger, uid, event, stored)) return [];
    return [`${saw} saying what it never said: ${JSON.stringify(event)}`];
  });
}

function saysTheSame(ledger: Ledger, uid: string, seen: WireEvent, stored: WireEvent): boolean {
  if (seen.message) return isTrueState(ledger, seen.message, uid);
  // Without content it is erased by a recall, or about what is not for its reader.
  if (!seen.edited?.content || !stored.edited) return true;
  const { conversationId, actorUid } = stored;
  const { targetSeq, content } = stored.edited;
  const contents = content ? [content] : editContents(ledger, conversationId, targetSeq, actorUid);
  return contents.some((each) => holds(seen.edited?.content, each));
}
