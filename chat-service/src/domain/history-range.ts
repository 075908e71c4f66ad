/** How many seqs a page of history covers when nothing else is asked for. */
export const DEFAULT_LIMIT = 50;

export interface HistoryRequest {
  readonly fromSeq?: number;
  readonly toSeq?: number;
  readonly beforeSeq?: number;
  readonly limit?: number;
}

/** Both ends included; empty when fromSeq > toSeq. */
export interface HistoryRange {
  /** What the page answers for: what is missing inside it is not for the caller. */
  readonly fromSeq: number;
  readonly toSeq: number;
  /** Where what the caller may see of it begins. */
  readonly visibleFromSeq: number;
}

/**
 * The range of seqs that a page covers. A range asked for is cut at the upper
 * end when it is longer than the limit; otherwise the newest below beforeSeq,
 * or the newest at all. Nothing outside `first` … `head` is for the caller: of
 * a range asked for, what lies below is covered, and empty, so that nobody asks
 * for it again.
 */
export function historyRange(request: HistoryRequest, first: number, head: number): HistoryRange {
  const limit = request.limit ?? DEFAULT_LIMIT;
  const upper = Math.min(
    request.toSeq ?? head,
    request.beforeSeq !== undefined ? request.beforeSeq - 1 : head,
    head,
  );
  if (request.fromSeq !== undefined) {
    const visibleFromSeq = Math.max(request.fromSeq, first);
    return { fromSeq: request.fromSeq, toSeq: Math.min(upper, visibleFromSeq + limit - 1), visibleFromSeq };
  }
  if (upper < first) return { fromSeq: 1, toSeq: upper, visibleFromSeq: first };
  const fromSeq = Math.max(first, upper - limit + 1);
  return { fromSeq, toSeq: upper, visibleFromSeq: fromSeq };
}
