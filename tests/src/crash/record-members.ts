import type { HistoryEntry } from '@im/common/testing/checker/history.ts';
import { memberSpans } from '@im/common/testing/checker/member-spans.ts';
import type { Recorder } from '@im/common/testing/checker/recorder.ts';
import type { WireEvent } from '@im/common/testing/client/wire.ts';

/**
 * Records who was in which group from and to where: by the whole log as it was
 * read by range in the end, its owner's reading among it. Of a run that broke
 * off, by what anybody saw.
 */
export function recordMembers(recorder: Recorder): void {
  const read = recorder.entries.flatMap((entry) =>
    entry.entry === 'state' && entry.of === 'history' ? entry.events : [],
  );
  const events = read.length > 0 ? read : recorder.entries.flatMap(seen);
  const ofGroups = events.filter(({ conversationId }) => conversationId.startsWith('g:'));
  for (const [conversationId, own] of Map.groupBy(ofGroups, (event) => event.conversationId)) {
    const once = new Map(own.map((event) => [event.seq, event]));
    for (const member of memberSpans(conversationId, [...once.values()])) recorder.record(member);
  }
}

function seen(entry: HistoryEntry): WireEvent[] {
  return entry.entry === 'saw' ? [entry.event] : [];
}
