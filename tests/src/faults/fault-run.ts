import type { HistoryEntry } from '@im/common/testing/checker/history.ts';
import { createRecorder } from '@im/common/testing/checker/recorder.ts';
import type { ApiError } from '@im/common/testing/client/api-error.ts';
import { createTurnsClient } from '@im/common/testing/client/http-turns.ts';
import { delay } from '@im/common/utils/wait.ts';
import { type Circle, makeCircle } from '../crash/circle.ts';
import { countsOf } from '../crash/counts.ts';
import { failureOf, failureWithin } from '../crash/failures.ts';
import { createHeads } from '../crash/quiet.ts';
import { createRandom, type Random } from '../crash/random.ts';
import { recordMembers } from '../crash/record-members.ts';
import { talkUntil } from '../crash/talk.ts';
import type { FaultCluster } from './fault-cluster.ts';
import type { Fault } from './faults.ts';
import { createWaits } from './waits.ts';

/** With twelve direct conversations about fifty. */
const GROUPS = 38;
/** Each person has eight things under way at once, and begins no more than eight in so many milliseconds. */
const PACE_MS = 500;
/** Milliseconds of talk before something happens, and after it. */
const BEFORE_MS = 1_500;
const AFTER_MS = 1_500;
/** How often someone's second device is away during a fault. */
const AWAY_CHANCE = 0.25;
/** Milliseconds that all devices have to come to hold everything: resyncs come at most once in ten seconds. */
const CONVERGE_MS = 60_000;

export interface FaultRunOptions {
  cluster: FaultCluster;
  faults: readonly Fault[];
  seed: number;
  /** Tells the people of this run from those of others. */
  circle: string;
  /** Milliseconds after which a run that does not come to its end is broken off. */
  limitMs: number;
  /** Told of each fault as soon as it is over. */
  onFault?: (told: FaultCounts) => void;
}

/** What happened around one fault. */
export interface FaultCounts {
  readonly fault: string;
  readonly invoked: number;
  readonly answered: number;
  readonly refused: number;
  readonly pushed: number;
  readonly resyncs: number;
  readonly memberChanges: number;
  /** Refusals for the moment by what was asked and their reasons; the clients asked again. */
  readonly momentary: Readonly<Record<string, number>>;
  /** Milliseconds after which the slowest of these refusals came over HTTP. */
  readonly slowestRefusalMs: number;
  /** Milliseconds that the fault took. */
  readonly tookMs: number;
  /** Milliseconds that the one waited who waited longest. */
  readonly longestWaitMs: number;
  /** Milliseconds from its end until every device held everything, one more word in every conversation included; undefined when one never did. */
  readonly convergedMs: number | undefined;
  readonly complaints: readonly string[];
}

export interface FaultRun {
  readonly history: readonly HistoryEntry[];
  readonly faults: readonly FaultCounts[];
  /** Why it broke off; the final states are missing in the history then. */
  readonly failure?: Error;
}

/** Has people talk while one fault after another is inflicted on their cluster, each followed by a moment of quiet; records everything. */
export async function faultRun(options: FaultRunOptions): Promise<FaultRun> {
  const { cluster, faults, seed, limitMs } = options;
  const random = createRandom(seed);
  const heads = createHeads();
  const waits = createWaits();
  const recorder = createRecorder((entry) => {
    heads.onEntry(entry);
    waits.onEntry(entry);
  });
  const told: FaultCounts[] = [];
  let momentary: Record<string, number> = {};
  let slowestRefusalMs = 0;
  const onRefused = (error: ApiError, tookMs = 0) => {
    if (!error.momentary) return;
    slowestRefusalMs = Math.max(slowestRefusalMs, tookMs);
    const what = `${error.asked.replaceAll(/(?<=\/)[sgn]?:?[\d:]+(?=\/|$)/g, '…').replace(/\?.*/, '')} ${error.reason}`;
    momentary[what] = (momentary[what] ?? 0) + 1;
  };
  let circle: Circle | undefined;

  async function oneFault(fault: Fault, everybody: Circle): Promise<FaultCounts> {
    const from = recorder.entries.length;
    momentary = {};
    slowestRefusalMs = 0;
    waits.takeLongest();
    const startedAt = performance.now();
    let tookMs = 0;
    let complaints: string[] = [];
    const tell = (what: string) => recorder.record({ entry: 'server', what, at: new Date().toISOString() });
    await whileTalking(everybody, random, async () => {
      await delay(BEFORE_MS);
      tell(`${fault.name}: begins`);
      const before = performance.now();
      complaints = await fault.inflict(cluster, random.fork());
      tookMs = performance.now() - before;
      tell(`${fault.name}: over`);
      await delay(AFTER_MS);
    });
    const quietAt = performance.now();
    const kept = await everybody.quiet(CONVERGE_MS);
    const entries = recorder.entries.slice(from);
    const { invoked, answered, refused, pushed } = countsOf(entries);
    return {
      fault: fault.name,
      invoked,
      answered,
      refused,
      pushed,
      resyncs: entries.filter(({ entry }) => entry === 'resync').length,
      memberChanges: memberChangesIn(entries),
      momentary: { ...momentary },
      slowestRefusalMs: Math.round(slowestRefusalMs),
      tookMs: Math.round(tookMs),
      longestWaitMs: Math.round(waits.takeLongest()),
      convergedMs: kept ? Math.round(performance.now() - quietAt) : undefined,
      complaints: [
        ...complaints,
        ...(kept
          ? []
          : [
              `not all devices converged, ${Math.round(performance.now() - startedAt)} ms after its beginning`,
            ]),
      ],
    };
  }

  async function play(): Promise<void> {
    const { httpUrls, wsUrls, environment } = cluster.services;
    let turn = 0;
    circle = await makeCircle({
      admin: createTurnsClient({ urls: httpUrls, bearer: environment.adminKey, onRefused }),
      socketUrl: () => wsUrls[turn++ % wsUrls.length]!,
      recorder,
      onRefused: (error) => onRefused(error),
      circle: options.circle,
      random,
      heads,
      groups: GROUPS,
    });
    for (const fault of faults) {
      const counts = await oneFault(fault, circle);
      told.push(counts);
      options.onFault?.(counts);
      if (counts.convergedMs === undefined) break;
    }
    await circle.recordEnd();
  }

  const failure = await failureWithin(limitMs, play());
  await circle?.close();
  recordMembers(recorder);
  return { history: recorder.entries, faults: told, ...(failure ? { failure } : {}) };
}

/** Everybody talks, some with a device away, until `work` is done; ends when all was answered and everybody is back. */
async function whileTalking(
  { people, sceneOf }: Circle,
  random: Random,
  work: () => Promise<void>,
): Promise<void> {
  const scenes = people.map((person) =>
    sceneOf(person, random.chance(AWAY_CHANCE) ? person.devices.slice(0, 1) : person.devices),
  );
  const away = scenes.flatMap(({ person, online }) =>
    person.devices.filter((device) => !online.includes(device)),
  );
  await Promise.all(away.map(({ device }) => device.goOffline()));
  const over = new AbortController();
  const talking = Promise.all(scenes.map((scene) => talkUntil(scene, over.signal, PACE_MS)));
  try {
    await Promise.race([work(), failureOf(talking)]);
  } finally {
    over.abort();
  }
  await talking;
  await Promise.all(away.map(({ device }) => device.connect()));
}

/** People who came into a group or went out of it, by what was pushed and synced to anybody. */
function memberChangesIn(entries: readonly HistoryEntry[]): number {
  const changes = new Set<string>();
  for (const entry of entries) {
    if (entry.entry !== 'saw') continue;
    const { conversationId, seq, memberAdded, memberRemoved } = entry.event;
    if (memberAdded ?? memberRemoved) changes.add(`${conversationId} ${seq}`);
  }
  return changes.size;
}
