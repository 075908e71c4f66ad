import { parseConversationId } from '../../utils/conversation-id.ts';
import type { HistoryEntry } from './history.ts';

/** A stretch of seqs that someone may see, both ends included. */
export interface Span {
  fromSeq: number;
  /** Infinity while it is open. */
  toSeq: number;
}

/** Who may see what. */
export type EntitledSpans = (conversationId: string, uid: string) => readonly Span[];

const EVERYTHING: readonly Span[] = [{ fromSeq: 1, toSeq: Number.POSITIVE_INFINITY }];

/** Direct and notice conversations by their ids, groups by what the history says of their members. */
export function entitledSpans(entries: readonly HistoryEntry[]): EntitledSpans {
  const members = Map.groupBy(
    entries.filter((entry) => entry.entry === 'member'),
    (entry) => `${entry.conversationId} ${entry.uid}`,
  );
  const ofGroups = new Map(
    [...members].map(([name, spans]) => [
      name,
      spans.map(({ fromSeq, toSeq = Number.POSITIVE_INFINITY }) => ({ fromSeq, toSeq })),
    ]),
  );
  return (conversationId, uid) => {
    const id = parseConversationId(conversationId);
    switch (id?.kind) {
      case 'direct':
        return uid === id.lower || uid === id.higher ? EVERYTHING : [];
      case 'notice':
        return uid === id.uid ? EVERYTHING : [];
      default:
        return ofGroups.get(`${conversationId} ${uid}`) ?? [];
    }
  };
}

/** Whether a seq lies in one of the spans. */
export function covers(spans: readonly Span[], seq: number): boolean {
  return spans.some(({ fromSeq, toSeq }) => fromSeq <= seq && seq <= toSeq);
}
