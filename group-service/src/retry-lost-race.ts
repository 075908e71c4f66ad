import { isUniqueViolation } from '@im/common/database/errors.ts';

/**
 * Runs a transaction that looks before it inserts, and once more when it broke
 * a unique key: where several processes write one store, two may look before
 * either is there. The loser's second look finds what the winner stored.
 */
export async function retryLostRace<T>(transaction: () => Promise<T>): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return transaction();
  }
}
