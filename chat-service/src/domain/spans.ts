import type { SpanTable } from '../store/span.ts';

/** What decides visibility, of a span as stored. */
export type Span = Pick<
  SpanTable,
  'from_seq' | 'from_count' | 'to_seq' | 'to_count' | 'to_at' | 'opened_at' | 'closed_at'
>;

/** Whether a seq lies in one of a member's spans. */
export function covers(spans: readonly Span[], seq: number): boolean {
  return spans.some((span) => seq >= span.from_seq && (span.to_seq === null || seq <= span.to_seq));
}

/** The span that is open now, where the user is a member. */
export function openSpan<S extends Span>(spans: readonly S[]): S | undefined {
  return spans.find((span) => span.to_seq === null);
}

/** The span closed last, where the user is a former member. */
export function lastSpan<S extends Span>(spans: readonly S[]): S | undefined {
  return (
    openSpan(spans) ??
    spans.reduce<S | undefined>((a, b) => (a && a.opened_at > b.opened_at ? a : b), undefined)
  );
}

/** A conversation's head as one member sees it: a former member's is the event that removed them. */
export interface VisibleHead {
  readonly headSeq: number;
  readonly headCount: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /** change_no of that head. */
  readonly changeNo: number;
  readonly leftSeq: number | undefined;
}

/** Undefined for someone who never was a member. */
export function visibleHead(
  head: { head_seq: number; head_count: number; head_at: number; head_change_no: number },
  spans: readonly Span[],
): VisibleHead | undefined {
  const span = lastSpan(spans);
  if (!span) return undefined;
  if (span.to_seq === null) {
    return {
      headSeq: head.head_seq,
      headCount: head.head_count,
      updatedAt: head.head_at,
      changeNo: head.head_change_no,
      leftSeq: undefined,
    };
  }
  return {
    headSeq: span.to_seq,
    headCount: span.to_count ?? 0,
    updatedAt: span.to_at ?? 0,
    changeNo: span.closed_at ?? 0,
    leftSeq: span.to_seq,
  };
}

/** The first seq that a member may see at all. */
export function visibleFromSeq(spans: readonly Span[], clearedSeq: number): number {
  const first = Math.min(...spans.map((span) => span.from_seq));
  return Math.max(first, clearedSeq + 1);
}

/** Seqs from one to another, both included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Of what a member may see the newest stretch at or below a seq; undefined where there is none. */
export function stretchUpTo(spans: readonly Span[], clearedSeq: number, upTo: number): Stretch | undefined {
  let newest: Stretch | undefined;
  for (const { from_seq, to_seq } of spans) {
    const from = Math.max(from_seq, clearedSeq + 1);
    const to = Math.min(to_seq ?? upTo, upTo);
    if (from > to) continue;
    // Spans overlap where a rejoin shows all: then the longer one.
    if (!newest || to > newest.to || (to === newest.to && from < newest.from)) newest = { from, to };
  }
  return newest;
}
