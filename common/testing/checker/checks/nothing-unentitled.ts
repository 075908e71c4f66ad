import { targetOf } from '../../client/fold-message.ts';
import type { WireEvent } from '../../client/wire.ts';
import { covers } from '../entitled-spans.ts';
import { identityOf } from '../event-identity.ts';
import { eventsOf, type FinalLog } from '../final-log.ts';
import type { Ledger } from '../ledger.ts';
import type { Violation } from '../violation.ts';

/** Writes wherever there is somebody to read it. */
const SYSTEM_UID = '0';

/** P6: nobody has what they may not see, and nobody did what they may not do. */
export function nothingUnentitled(ledger: Ledger): Violation[] {
  const texts = [
    ...ledger.sightings.flatMap(({ device, uid, by, event }) =>
      seenWrongly(ledger, `${device} (${by})`, uid, event),
    ),
    ...ledger.states.flatMap((state) => [
      ...outsiders(ledger, state.device, state.uid, state.conversationId),
      ...eventsOf(state).flatMap((event) =>
        seenWrongly(ledger, `${state.device} (${state.of})`, state.uid, event),
      ),
    ]),
    ...ledger.entries.flatMap((entry) => {
      if (entry.entry === 'sawMark') return outsiders(ledger, entry.device, entry.uid, entry.conversationId);
      if (entry.entry === 'displayed') {
        const { conversationId, uid, device, lines } = entry;
        const wrong = lines.find(({ seq }) => !covers(ledger.spans(conversationId, uid), seq));
        return wrong ? [`${device} shows ${conversationId} #${wrong.seq}, which is not for ${uid}`] : [];
      }
      return [];
    }),
    ...[...ledger.logs.values()].flatMap((log) => doneWrongly(ledger, log)),
  ];
  return [...new Set(texts)].map((text) => ({ promise: 'P6', text }));
}

function outsiders(ledger: Ledger, device: string, uid: string, conversationId: string): string[] {
  if (ledger.spans(conversationId, uid).length > 0) return [];
  return [`${device} was told of ${conversationId}, to which ${uid} never belonged`];
}

function seenWrongly(ledger: Ledger, who: string, uid: string, event: WireEvent): string[] {
  const { conversationId, seq } = event;
  const spans = ledger.spans(conversationId, uid);
  const what = `${conversationId} #${seq}, the ${identityOf(event)}`;
  if (!covers(spans, seq)) return [`${who} saw ${what}, which is not for ${uid}`];
  const target = targetOf(event);
  if (target !== undefined && !covers(spans, target) && event.edited?.content) {
    return [`${who} saw ${what} with its content, which is not for ${uid}`];
  }
  return [];
}

function doneWrongly(ledger: Ledger, log: FinalLog): string[] {
  const isDirect = log.conversationId.startsWith('s:');
  return [...log.events.values()].flatMap((event) => {
    const what = `${log.conversationId} #${event.seq}, the ${identityOf(event)}`;
    const { senderUid } = event.message ?? {};
    if (senderUid !== undefined && senderUid !== SYSTEM_UID) {
      const inside = covers(ledger.spans(log.conversationId, senderUid), event.seq);
      return inside ? [] : [`${what}, was sent by someone who may not write there then`];
    }
    const target = log.message(targetOf(event) ?? 0);
    if (!target || target.senderUid === event.actorUid) return [];
    // In groups owner and admins recall what others sent; the system does everywhere.
    const mayRecall = event.recalled && (!isDirect || event.actorUid === SYSTEM_UID);
    return mayRecall ? [] : [`${what}, is about a message of ${target.senderUid}`];
  });
}
