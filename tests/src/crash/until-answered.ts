import { ApiError, ConnectionLost } from '@im/common/testing/client/api-error.ts';
import { delay } from '@im/common/utils/wait.ts';
import type { Person } from './people.ts';

/** Milliseconds after which a request that is never answered is given up. */
const PATIENCE_MS = 180_000;
/** Milliseconds between two attempts. */
const PAUSE_MS = 50;

/**
 * Asks again until it is answered: while no answer came, what became of the
 * request is unknown. A refusal fails the run.
 *
 * @param doneAlready the refusal of a repeat that says that the request was done before
 */
export async function untilAnswered(
  person: Person,
  method: string,
  path: string,
  body?: unknown,
  doneAlready?: string,
): Promise<void> {
  let unknown = false;
  for (const giveUpAt = performance.now() + PATIENCE_MS; ; await delay(PAUSE_MS)) {
    try {
      await (await person.client()).call(method, path, body);
      return;
    } catch (error) {
      if (unknown && error instanceof ApiError && error.reason === doneAlready) return;
      const passing = error instanceof ConnectionLost || (error instanceof ApiError && error.momentary);
      if (!passing || performance.now() > giveUpAt) {
        throw new Error(`${person.name} could not ${method} ${path}`, { cause: error });
      }
      unknown = true;
    }
  }
}
