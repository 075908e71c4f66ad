import { delay } from '@im/common/utils/wait.ts';

/** What the work failed with, or that it did not come to its end in time; undefined when it did. */
export async function failureWithin(limitMs: number, work: Promise<unknown>): Promise<Error | undefined> {
  const over = new AbortController();
  const limit = delay(limitMs, over.signal).then(() => {
    throw new Error(`the run did not come to its end within ${limitMs} ms`);
  });
  try {
    await Promise.race([work, limit]);
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    over.abort();
  }
}

/** Never resolves: rejects if the work does. */
export function failureOf(work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    work.catch(reject);
  });
}
