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
