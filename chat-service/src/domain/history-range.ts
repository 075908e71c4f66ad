/** How many seqs a page of history covers when nothing else is asked for. */
export const DEFAULT_LIMIT = 50;

export interface HistoryRequest {
  readonly fromSeq?: number;
  readonly toSeq?: number;
  readonly beforeSeq?: number;
  readonly limit?: number;
}

export interface SeqRange {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/**
 * The range of seqs that a page covers, both ends included; empty when
 * fromSeq > toSeq. A range asked for is cut at the upper end when it is longer
 * than the limit; otherwise the newest below beforeSeq, or the newest at all.
 * Nothing outside `first` … `head` is for the caller.
 */
export function historyRange(request: HistoryRequest, first: number, head: number): SeqRange {
  const limit = request.limit ?? DEFAULT_LIMIT;
  if (request.fromSeq !== undefined) {
    const fromSeq = Math.max(request.fromSeq, first);
    const toSeq = Math.min(request.toSeq ?? head, head, fromSeq + limit - 1);
    return { fromSeq, toSeq };
  }
  const below = Math.min(
    request.beforeSeq !== undefined ? request.beforeSeq - 1 : head,
    request.toSeq ?? head,
    head,
  );
  return { fromSeq: Math.max(first, below - limit + 1), toSeq: below };
}
