/** What a present or former member may see of a conversation; chat-service says so. */
export interface Sight {
  readonly spans: readonly { readonly fromSeq: number; readonly toSeq?: number | undefined }[];
  /** Nothing up to here. */
  readonly clearedSeq: number;
}

/** Whether an event is shown to someone, and whether with its content: not where its target is none of theirs. */
export function showsEvent(
  { spans, clearedSeq }: Sight,
  { seq, targetSeq }: { seq: number; targetSeq: number },
): 'whole' | 'without content' | 'not' {
  const covers = (at: number) =>
    spans.some(({ fromSeq, toSeq }) => at >= fromSeq && (toSeq === undefined || at <= toSeq));
  if (!covers(seq)) return 'not';
  if (targetSeq === 0) return 'whole';
  return covers(targetSeq) && targetSeq > clearedSeq ? 'whole' : 'without content';
}
