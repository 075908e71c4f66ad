import { ApiError, ConnectionLost } from '@im/common/testing/client/api-error.ts';
import { backoffMs, delay } from '@im/common/utils/wait.ts';
import type { Person } from './people.ts';

/** Milliseconds after which a request that is never answered is given up. */
const PATIENCE_MS = 180_000;
/** Between two attempts. */
const PAUSE = { firstMs: 50, mostMs: 1_000 };

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
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let attempt = 0; ; await delay(backoffMs(attempt++, PAUSE))) {
    try {
      await (await person.client()).call(method, path, body);
      return;
    } catch (error) {
      if (unknown && error instanceof ApiError && error.reason === doneAlready) return;
      if (!isPassing(error) || performance.now() > giveUpAt) {
        throw new Error(`${person.name} could not ${method} ${path}`, { cause: error });
      }
      unknown = true;
    }
  }
}

/** Whether the same request may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  return error instanceof ConnectionLost || (error instanceof ApiError && error.momentary);
}
