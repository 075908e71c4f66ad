import type { WireEvent } from '../client/wire.ts';
import type { Member } from './history.ts';

/**
 * From and to where everybody may see a group, by the events of its log: who
 * is added sees all, or from there on where the group says so by then; who is
 * removed sees that last.
 *
 * @param events of this group, in any order, each seq once
 */
export function memberSpans(conversationId: string, events: readonly WireEvent[]): Member[] {
  const spans: Member[] = [];
  const open = new Map<string, Member>();
  let fromJoin = false;
  for (const event of events.toSorted((one, other) => one.seq - other.seq)) {
    const { seq } = event;
    for (const uid of uidsOf(event.memberAdded)) {
      if (open.has(uid)) continue;
      const span: Member = { entry: 'member', conversationId, uid, fromSeq: fromJoin ? seq : 1 };
      open.set(uid, span);
      spans.push(span);
    }
    for (const uid of uidsOf(event.memberRemoved)) {
      const span = open.get(uid);
      if (span) span.toSeq = seq;
      open.delete(uid);
    }
    const { group } = (event.groupUpdated ?? {}) as { group?: { historyPolicy?: string } };
    if (group) fromJoin = group.historyPolicy === 'FROM_JOIN';
  }
  return spans;
}

/** Of whom an event of membership tells; nobody for other kinds. */
export function uidsOf(change: unknown): readonly string[] {
  return (change as { uids?: readonly string[] } | undefined)?.uids ?? [];
}
