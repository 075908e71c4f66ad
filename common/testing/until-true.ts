import { delay } from '../utils/wait.ts';

const LOOK_EVERY_MS = 5;
const GIVE_UP_MS = 20_000;

/** Resolves once `condition` holds; one that throws does not hold yet. Rejects when it takes too long. */
export async function untilTrue(condition: () => Promise<boolean> | boolean): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      if (await condition()) return;
      if (performance.now() > giveUpAt) throw new Error('a condition that was waited for did not come true');
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
    await delay(LOOK_EVERY_MS);
  }
}
