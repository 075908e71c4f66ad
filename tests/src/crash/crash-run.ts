import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HistoryEntry } from '@im/common/testing/checker/history.ts';
import { createRecorder } from '@im/common/testing/checker/recorder.ts';
import { createImClient } from '@im/common/testing/client/http.ts';
import type { ServerProcess } from '@im/common/testing/server-process.ts';
import { type Circle, makeCircle } from './circle.ts';
import { failureOf, failureWithin } from './failures.ts';
import { createKiller, type Killer } from './killer.ts';
import { createHeads } from './quiet.ts';
import { createRandom, type Random } from './random.ts';
import { recordMembers } from './record-members.ts';
import { talk, writeWhileAway } from './talk.ts';

/** Things that everybody does between two moments of quiet. */
const ACTIONS_A_ROUND = 120;
/** How many of them are answered before the kill, at least and at most, as a share. */
const KILL_BETWEEN = { least: 0.1, most: 0.7 };
/** A kill comes so many milliseconds after the answer that it waits for, at most: between any two lines. */
const MOST_DELAY_MS = 12;
/** How often a server that has just started is killed again, while its clients say hello. */
const AGAIN_CHANCE = 0.35;
/** How often a server is killed once more before it is ready, and how far into its start at most, in milliseconds. */
const STARTING_CHANCE = 0.2;
const MOST_OF_START_MS = 2_000;
/** Groups of theirs. */
const GROUPS = 2;
/** How often someone's second device is away during a round. */
const AWAY_CHANCE = 0.4;

export interface CrashOptions {
  server: ServerProcess;
  seed: number;
  kills: number;
  /** Milliseconds after which a run that does not come to its end is broken off. */
  limitMs: number;
}

/** What the clients of a server recorded that was killed over and over. */
export interface CrashRun {
  history: readonly HistoryEntry[];
  kills: number;
  /** Why it broke off; the final states are missing in the history then. */
  failure?: Error;
}

/** Has people talk in direct conversations and groups while their server is killed, round by round, and records everything. */
export async function crashRun({ server, seed, kills, limitMs }: CrashOptions): Promise<CrashRun> {
  const random = createRandom(seed);
  const heads = createHeads();
  const recorder = createRecorder((entry) => {
    heads.onEntry(entry);
    killer.onEntry(entry);
  });
  const killer = createKiller(server, recorder);
  let circle: Circle | undefined;

  async function play(): Promise<void> {
    const apiKey = (await readFile(join(server.dataDir, 'admin.key'), 'utf8')).trim();
    const admin = createImClient(server.httpUrl, apiKey);
    const { socketUrl } = server;
    circle = await makeCircle({ admin, socketUrl, recorder, random, heads, groups: GROUPS });
    for (let kept = true; kept && killer.kills < kills; ) {
      await oneRound(circle, killer, random, kills);
      kept = await circle.quiet();
    }
    await circle.recordEnd();
  }

  const failure = await failureWithin(limitMs, play());
  await circle?.close();
  recordMembers(recorder);
  return { history: recorder.entries, kills: killer.kills, ...(failure ? { failure } : {}) };
}

/** Everybody talks, the server is killed meanwhile; ends when all was answered and everybody is back. */
async function oneRound(
  { people, sceneOf }: Circle,
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
  if (killer.kills < kills && random.chance(STARTING_CHANCE)) {
    await killer.killWhileStarting(random.below(MOST_OF_START_MS));
  }
  await killer.startAgain();
  if (killer.kills < kills && random.chance(AGAIN_CHANCE)) {
    await killer.killAfter('welcomed', 1 + random.below(people), random.below(MOST_DELAY_MS), talking);
    await killer.startAgain();
  }
}
