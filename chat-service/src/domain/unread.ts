import { lastSpan, type Span, type VisibleHead } from './spans.ts';

/** The parts of a member's row that unread is counted from. */
export interface Marks {
  readonly read_count: number;
  readonly cleared_count: number;
}

/**
 * How many messages a member has not read: the head's running count less the
 * count at the greatest of own mark, cleared seq and span start. Counts grow
 * with seq, so the greatest count belongs to the greatest seq.
 */
export function unreadCount(head: VisibleHead, marks: Marks, spans: readonly Span[]): number {
  const start = lastSpan(spans)?.from_count ?? 0;
  return Math.max(0, head.headCount - Math.max(marks.read_count, marks.cleared_count, start));
}
