import type { HistoryEntry, Refused } from '@im/common/testing/checker/history.ts';

/** What a good server refuses of what the clients try. */
const FAIR_REFUSALS = new Set([
  'MESSAGE_RECALLED',
  'MESSAGE_ID_REUSED',
  'NOT_THE_SENDER',
  'CONVERSATION_NOT_FOUND',
  'NOT_A_MEMBER',
  'MESSAGE_NOT_FOUND',
  'DIRECT_NOT_ALLOWED',
]);

/** The refusals for good that no good server gives to these clients. */
export function unfairRefusals(history: readonly HistoryEntry[]): Refused[] {
  return history.filter(
    (entry) => entry.entry === 'refused' && !FAIR_REFUSALS.has(entry.reason),
  ) as Refused[];
}
