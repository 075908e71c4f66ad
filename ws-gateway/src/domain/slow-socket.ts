/** What waits for a client to read it, in bytes. */
export interface Unread {
  /** Everything that the network has not taken yet. */
  readonly bytes: number;
  /** Of these, large answers to requests of the client's own. */
  readonly answerBytes: number;
}

/** From this size in bytes on an answer is large. */
export const LARGE_ANSWER_BYTES = 64 * 1024;

/**
 * A reader is too slow when more than `limit` bytes wait for it. A large
 * answer that it asked for does not count: a first sync may exceed any limit,
 * and the client would only ask for it again.
 */
export function isTooSlow(unread: Unread, limit: number): boolean {
  return unread.bytes - unread.answerBytes > limit;
}

/** Whether further requests of a client wait until it has read the answers it asked for. */
export function mustReadFirst(unread: Unread, limit: number): boolean {
  return unread.answerBytes > limit;
}
