import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HistoryEntry } from '@im/common/testing/checker/history.ts';
import { createRecorder } from '@im/common/testing/checker/recorder.ts';
import { createImClient } from '@im/common/testing/client/http.ts';
import type { ServerProcess } from '@im/common/testing/server-process.ts';
import type { Scene } from './actions.ts';
import { recordFinalStates } from './final-states.ts';
import { createKiller, type Killer } from './killer.ts';
import { makePeople, type Person } from './people.ts';
import { allKeptUp, createHeads, lastWords } from './quiet.ts';
import { createRandom, type Random } from './random.ts';
import { talk, writeWhileAway } from './talk.ts';

/** Things that everybody does between two moments of quiet. */
const ACTIONS_A_ROUND = 120;
/** How many of them are answered before the kill, at least and at most, as a share. */
const KILL_BETWEEN = { least: 0.1, most: 0.7 };
/** A kill comes so many milliseconds after the answer that it waits for, at most: between any two lines. */
const MOST_DELAY_MS = 12;
/** How often a server that has just started is killed again, while its clients say hello. */
const AGAIN_CHANCE = 0.35;
/** How often someone's second device is away during a round. */
const AWAY_CHANCE = 0.4;

export interface CrashOptions {
  server: ServerProcess;
  seed: number;
  kills: number;
}

/** What the clients of a server recorded that was killed over and over. */
export interface CrashRun {
  history: readonly HistoryEntry[];
  kills: number;
}

/** Has people talk in direct conversations while their server is killed, round by round, and records everything. */
export async function crashRun({ server, seed, kills }: CrashOptions): Promise<CrashRun> {
  const random = createRandom(seed);
  const heads = createHeads();
  const recorder = createRecorder((entry) => {
    heads.onEntry(entry);
    killer.onEntry(entry);
  });
  const killer = createKiller(server, recorder);
  const apiKey = (await readFile(join(server.dataDir, 'admin.key'), 'utf8')).trim();
  const admin = createImClient(server.httpUrl, apiKey);
  const people = await makePeople({ admin, socketUrl: server.socketUrl, recorder });
  const asleep = await people[0]!.device('tablet');
  const sceneOf = (person: Person, online = person.devices): Scene => ({
    person,
    people,
    online,
    random: random.fork(),
    recorder,
  });
  try {
    await Promise.all(people.flatMap(({ devices }) => devices.map(({ device }) => device.connect())));
    // It has a copy and a cursor from before everything, and comes back at the very end.
    await asleep.device.connect();
    await asleep.device.goOffline();

    for (let kept = true; kept && killer.kills < kills; ) {
      await oneRound(people, sceneOf, killer, random, kills);
      kept = await allKeptUp(people, heads);
      await lastWords(people, (person) => sceneOf(person));
      kept &&= await allKeptUp(people, heads);
      for (const { devices } of people) for (const device of devices) device.recordDisplayed();
    }
    await recordFinalStates(recorder, people, [asleep]);
  } finally {
    await Promise.all(
      [asleep, ...people.flatMap((person) => person.devices)].map(({ device }) => device.close()),
    );
  }
  return { history: recorder.entries, kills: killer.kills };
}

/** Everybody talks, the server is killed meanwhile; ends when all was answered and everybody is back. */
async function oneRound(
  people: readonly Person[],
  sceneOf: (person: Person, online: Person['devices']) => Scene,
  killer: Killer,
  random: Random,
  kills: number,
): Promise<void> {
  const scenes = people.map((person) =>
    sceneOf(person, random.chance(AWAY_CHANCE) ? person.devices.slice(0, 1) : person.devices),
  );
  const away = scenes.flatMap(({ person, online }) =>
    person.devices.filter((device) => !online.includes(device)),
  );
  await Promise.all(away.map(({ device }) => device.goOffline()));
  const talking = Promise.all(scenes.map((scene) => talk(scene, ACTIONS_A_ROUND)));
  const writing = Promise.all(scenes.map(writeWhileAway));
  await Promise.race([killAndStart(killer, random, people.length, kills, talking), failureOf(talking)]);
  await talking;
  await Promise.all(away.map(({ device }) => device.connect()));
  await writing;
}

async function killAndStart(
  killer: Killer,
  random: Random,
  people: number,
  kills: number,
  talking: Promise<unknown>,
): Promise<void> {
  const { least, most } = KILL_BETWEEN;
  const share = least + ((most - least) * random.below(1_000)) / 1_000;
  const answers = Math.ceil(share * people * ACTIONS_A_ROUND);
  await killer.killAfter('answered', answers, random.below(MOST_DELAY_MS), talking);
  await killer.startAgain();
  if (killer.kills < kills && random.chance(AGAIN_CHANCE)) {
    await killer.killAfter('welcomed', 1 + random.below(people), random.below(MOST_DELAY_MS), talking);
    await killer.startAgain();
  }
}

/** Never resolves: rejects if the work does. */
function failureOf(work: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    work.catch(reject);
  });
}
