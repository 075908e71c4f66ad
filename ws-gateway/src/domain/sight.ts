/** What a present or former member may see of a conversation; chat-service says so. */
export interface Sight {
  readonly spans: readonly { readonly fromSeq: number; readonly toSeq?: number | undefined }[];
  /** Nothing up to here. */
  readonly clearedSeq: number;
}

/** Whether an event happened while they were there to see it. */
export function seesEvent({ spans }: Sight, seq: number): boolean {
  for (const { fromSeq, toSeq } of spans) {
    if (seq >= fromSeq && (toSeq === undefined || seq <= toSeq)) return true;
  }
  return false;
}

/** Whether they may see what an event is about; 0: it is about itself. */
export function seesTarget(sight: Sight, targetSeq: number): boolean {
  return targetSeq === 0 || (targetSeq > sight.clearedSeq && seesEvent(sight, targetSeq));
}
