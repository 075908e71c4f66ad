import type { RecordedDevice } from '@im/common/testing/checker/recorded-device.ts';
import type { Scene } from './actions.ts';
import { recordFinalStates } from './final-states.ts';
import { type CrashGroup, makeGroups, membershipsHold } from './groups.ts';
import { makePeople, type Person, type Target } from './people.ts';
import { allKeptUp, type Heads, lastWords } from './quiet.ts';
import type { Random } from './random.ts';

/** People who are friends and in groups with each other, all of whose devices are online, but for one that sleeps to the end. */
export interface Circle {
  readonly people: readonly Person[];
  readonly groups: readonly CrashGroup[];
  /** What someone needs to do things on these devices; on all of theirs if none are named. */
  sceneOf(person: Person, online?: Person['devices']): Scene;
  /**
   * With nothing under way any more: waits until every device came to hold
   * everything by itself, has one more word said in every conversation, waits
   * again and records what all hold. False when one did not come to it in time;
   * rejects when somebody is in a group, or out of it, against what was answered.
   */
  quiet(withinMs?: number): Promise<boolean>;
  /** Records what everybody has in the end. */
  recordEnd(): Promise<void>;
  /** Takes all devices offline. */
  close(): Promise<void>;
}

export interface CircleOptions extends Target {
  random: Random;
  heads: Heads;
  groups: number;
}

export async function makeCircle(options: CircleOptions): Promise<Circle> {
  const { random, heads, recorder } = options;
  const people = await makePeople(options);
  const groups = await makeGroups(people, options.groups);
  const asleep = await people[0]!.device('tablet');
  const devices: RecordedDevice[] = [asleep, ...people.flatMap((person) => person.devices)];
  const close = async () => void (await Promise.all(devices.map(({ device }) => device.close())));
  const sceneOf = (person: Person, online = person.devices): Scene => ({
    person,
    people,
    groups,
    online,
    random: random.fork(),
    recorder,
  });
  try {
    await Promise.all(devices.map(({ device }) => device.connect()));
    // It has a copy and a cursor from before everything, and comes back at the very end.
    await asleep.device.goOffline();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    people,
    groups,
    sceneOf,
    async quiet(withinMs) {
      await membershipsHold(groups);
      const kept = await allKeptUp(people, heads, withinMs);
      await lastWords(people, sceneOf);
      const keptAgain = await allKeptUp(people, heads, withinMs);
      for (const recorded of devices) recorded.recordDisplayed();
      return kept && keptAgain;
    },
    recordEnd: () => recordFinalStates(recorder, people, [asleep]),
    close,
  };
}
