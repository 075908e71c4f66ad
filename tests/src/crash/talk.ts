import { delay } from '@im/common/utils/wait.ts';
import { attempt, randomAction, type Scene, sendFromDevice } from './actions.ts';

/** What one person has under way at once. */
const MOST_IN_FLIGHT = 8;
/** Sends that a device gathers while it is away. */
const SENDS_WHILE_AWAY = 3;

/** Someone does so many things at random, several at a time. Resolves when the last is done. */
export async function talk(scene: Scene, actions: number): Promise<void> {
  const { random } = scene;
  const inFlight = new Set<Promise<void>>();
  for (let action = 0; action < actions; action++) {
    const doing: Promise<void> = attempt(randomAction(random), scene).finally(() => inFlight.delete(doing));
    inFlight.add(doing);
    if (inFlight.size >= MOST_IN_FLIGHT) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
}

/** Writes on devices that are away; resolves when they came back and all was answered. */
export async function writeWhileAway(scene: Scene): Promise<void> {
  const away = scene.person.devices.filter((device) => !scene.online.includes(device));
  await Promise.all(
    away.flatMap((device) =>
      Array.from({ length: SENDS_WHILE_AWAY }, () => attempt((own) => sendFromDevice(own, device), scene)),
    ),
  );
}

/**
 * Someone does things at random until it is over, as many at a time, and no
 * faster than as many in every `paceMs`. Resolves when the last is done.
 */
export async function talkUntil(scene: Scene, over: AbortSignal, paceMs: number): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  let failed: unknown;
  while (!over.aborted && failed === undefined) {
    while (inFlight.size < MOST_IN_FLIGHT) {
      const doing: Promise<void> = attempt(randomAction(scene.random), scene)
        .catch((error) => {
          failed ??= error;
        })
        .finally(() => inFlight.delete(doing));
      inFlight.add(doing);
    }
    await delay(paceMs, over).catch(() => {});
  }
  await Promise.all(inFlight);
  if (failed !== undefined) throw failed;
}
