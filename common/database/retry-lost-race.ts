import { isUniqueViolation } from './errors.ts';

/** A transaction with several keys may lose one race after another. */
const MOST_RUNS = 4;

/**
 * Runs a transaction that looks before it inserts, and again when it broke a
 * unique key: where several processes write one store, two may look before either
 * is there. The loser's next look finds what the winner stored, and answers by it.
 */
export async function retryLostRace<T>(transaction: () => Promise<T>): Promise<T> {
  for (let run = 1; ; run++) {
    try {
      return await transaction();
    } catch (error) {
      if (run === MOST_RUNS || !isUniqueViolation(error)) throw error;
    }
  }
}
