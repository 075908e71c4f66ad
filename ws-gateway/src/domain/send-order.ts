/** How long a refused send may keep those behind it out, in milliseconds. */
export const HOLD_MS = 2_000;

/** Results that say nothing about the send itself: the same one may succeed a moment later. */
const MOMENTARY = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED']);

/** Whether a refusal with this status (google.rpc code name) is for a moment's reason. */
export function isMomentary(status: string): boolean {
  return MOMENTARY.has(status);
}

/** Bounds of a group, which goes in one message: a larger one is sent in parts, one after another. */
export const GROUP_MOST_SENDS = 500;
export const GROUP_MOST_BYTES = 1024 * 1024;

export interface OrderedSend {
  readonly clientMsgId: string;
  /** What it adds to the size of its group. */
  readonly bytes: number;
}

/**
 * The order of one socket's sends to one conversation.
 *
 * One group is in flight; what arrives meanwhile is the next. When a send is
 * refused for a moment's reason everything behind it is refused too, and so is
 * whatever comes until that send comes again (at most HOLD_MS): a client that
 * repeats its refused sends in order gets them stored in order.
 */
export interface SendOrder<S extends OrderedSend> {
  /** Takes in a send; false when it has to be refused because an earlier one was. */
  arrive(send: S, now: number): boolean;
  /** What may go now as one group, in order; undefined while a group is in flight or nothing waits. */
  nextGroup(): S[] | undefined;
  /**
   * Notes that a send is answered. After a momentary refusal it returns the
   * sends behind it, in order, which are refused with it.
   */
  settle(send: S, outcome: 'final' | 'momentary', now: number): S[];
  /** Whether it may be forgotten: nothing is owed and nothing is held back. */
  isIdle(now: number): boolean;
}

/** An empty one. Times are milliseconds of any one clock. */
export function createSendOrder<S extends OrderedSend>(): SendOrder<S> {
  // Sets keep the order of arrival and let go of one send without a search.
  const inFlight = new Set<S>();
  const waiting = new Set<S>();
  let hold: { clientMsgId: string; until: number } | undefined;

  return {
    arrive(send, now) {
      if (hold !== undefined && now < hold.until && send.clientMsgId !== hold.clientMsgId) return false;
      hold = undefined;
      waiting.add(send);
      return true;
    },
    nextGroup() {
      if (inFlight.size > 0 || waiting.size === 0) return undefined;
      let bytes = 0;
      for (const send of waiting) {
        bytes += send.bytes;
        // The first goes whatever its size.
        if (inFlight.size >= GROUP_MOST_SENDS || (inFlight.size > 0 && bytes > GROUP_MOST_BYTES)) break;
        inFlight.add(send);
        waiting.delete(send);
      }
      return [...inFlight];
    },
    settle(send, outcome, now) {
      if (!inFlight.has(send) && !waiting.has(send)) return [];
      if (outcome === 'final') {
        inFlight.delete(send);
        waiting.delete(send);
        return [];
      }
      hold = { clientMsgId: send.clientMsgId, until: now + HOLD_MS };
      const owed = [...inFlight, ...waiting];
      const refused = owed.slice(owed.indexOf(send));
      for (const one of refused) {
        inFlight.delete(one);
        waiting.delete(one);
      }
      return refused.slice(1);
    },
    isIdle(now) {
      return inFlight.size === 0 && waiting.size === 0 && (hold === undefined || now >= hold.until);
    },
  };
}
