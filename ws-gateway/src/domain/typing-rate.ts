/** Of one socket's typing in one conversation one is passed on in this time, in milliseconds. */
export const TYPING_GAP_MS = 1_000;

/** Conversations whose last typing a socket's record remembers. */
const MOST_REMEMBERED = 32;

/** When typing was last passed on, by conversation; milliseconds. */
export type TypingRate = Map<string, number>;

/** Whether this typing is passed on; it may be lost, so the rest is just dropped. */
export function takeTyping(rate: TypingRate, conversationId: string, now: number): boolean {
  const last = rate.get(conversationId);
  if (last !== undefined && now - last < TYPING_GAP_MS) return false;
  rate.delete(conversationId);
  if (rate.size >= MOST_REMEMBERED) {
    const [oldest] = rate.values();
    // Somebody who types in so many places at once is no person.
    if (oldest !== undefined && now - oldest < TYPING_GAP_MS) return false;
    rate.delete(rate.keys().next().value!);
  }
  rate.set(conversationId, now);
  return true;
}
