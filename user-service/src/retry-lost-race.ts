import { isUniqueViolation } from '@im/common/database/errors.ts';

/**
 * Runs a transaction that looks before it inserts, and once more when it broke a
 * unique key. Where several processes write one store, two may look at the same
 * time; the loser's second run sees what the winner stored and answers by it.
 */
export async function retryLostRace<T>(transaction: () => Promise<T>): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return transaction();
  }
}
