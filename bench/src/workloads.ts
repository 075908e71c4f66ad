import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatchUpResult } from './load/catch-up-load.ts';
import type { ProfileResult } from './load/profile-load.ts';
import type { SendResult } from './load/send-load.ts';
import { type Measured, measure } from './measure.ts';
import { startBare } from './targets/bare-target.ts';
import { startCluster } from './targets/cluster.ts';
import { startImBackend } from './targets/im-backend.ts';
import type { Product, Target } from './targets/target.ts';

const PAIRS = 100;
const GROUP_MEMBERS = 200;
const GROUP_SENDERS = 20;
const IDLE_PEOPLE = 50;
const MISSED_CONVERSATIONS = 50;
const MISSED_EACH = 20;
const CATCH_UP_ROUNDS = 30;
const PROFILE_PEOPLE = 50;
const PROFILE_CONNECTIONS = 16;
const COLD_STARTS = 5;

/** A row of the table: figures by name, in the units that the names say. */
export interface Row {
  readonly workload: string;
  readonly target: string;
  readonly figures: Readonly<Record<string, number>>;
  /** Of a target in several processes: what each of them has to do with the figure of CPU or memory, in its unit. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** People who write to each other in pairs, so many messages of each sender on their way at a time. */
export async function direct(target: Target, inFlight: number, seconds: number): Promise<Row> {
  const people = await target.people(PAIRS * 2);
  const senders = Array.from({ length: PAIRS }, (_, i) => {
    const [a, b] = [people[2 * i]!.uid, people[2 * i + 1]!.uid];
    return { person: 2 * i, conversationId: Number(a) < Number(b) ? `s:${a}:${b}` : `s:${b}:${a}` };
  });
  const spec = { kind: 'send', socketUrls: target.socketUrls, people, senders, inFlight, seconds } as const;
  const { result, cpuSeconds, parts } = await measure<SendResult>(target, spec);
  return {
    workload: `direct, ${PAIRS} pairs, ${inFlight} in flight`,
    target: target.name,
    figures: {
      'msgs/s': result.messages / result.seconds,
      'CPU µs/msg': (cpuSeconds * 1e6) / result.messages,
      'ack p50 ms': result.ack.p50,
      'ack p99 ms': result.ack.p99,
      'delivery p50 ms': result.delivery.p50,
      ...refused(result),
    },
    parts: cpuParts(parts, 1e6 / result.messages),
  };
}

/** One group whose members are all online; some of them write. */
export async function group(target: Target, seconds: number): Promise<Row> {
  const people = await target.people(GROUP_MEMBERS);
  const conversationId = await target.group(people);
  const senders = Array.from({ length: GROUP_SENDERS }, (_, person) => ({ person, conversationId }));
  const spec = {
    kind: 'send',
    socketUrls: target.socketUrls,
    people,
    senders,
    inFlight: 1,
    seconds,
  } as const;
  const { result, cpuSeconds, parts } = await measure<SendResult>(target, spec);
  return {
    workload: `group of ${GROUP_MEMBERS}, ${GROUP_SENDERS} writing`,
    target: target.name,
    figures: {
      'msgs/s': result.messages / result.seconds,
      'deliveries/s': result.deliveries / result.seconds,
      'CPU µs/delivery': (cpuSeconds * 1e6) / result.deliveries,
      'ack p50 ms': result.ack.p50,
      'delivery p50 ms': result.delivery.p50,
      'delivery p99 ms': result.delivery.p99,
      ...refused(result),
    },
    parts: cpuParts(parts, 1e6 / result.deliveries),
  };
}

/** Signed-in sockets that do nothing. */
export async function idle(target: Target, sockets: number): Promise<Row> {
  const people = await target.people(IDLE_PEOPLE);
  const spec = { kind: 'idle', socketUrls: target.socketUrls, people, sockets } as const;
  const { rssBytesBefore, rssBytesAfter, parts } = await measure(target, spec);
  return {
    workload: `${sockets} idle sockets`,
    target: target.name,
    figures: { 'KiB/socket': (rssBytesAfter - rssBytesBefore) / sockets / 1024 },
    parts: scaled(parts, ({ rssBytes }) => rssBytes / sockets / 1024),
  };
}

/** A device that comes back to messages in many conversations. */
export async function catchUp(target: Product): Promise<Row> {
  const people = await target.people(1 + MISSED_CONVERSATIONS);
  const spec = {
    kind: 'catchUp',
    socketUrls: target.socketUrls,
    people,
    messagesEach: MISSED_EACH,
    rounds: CATCH_UP_ROUNDS,
  } as const;
  const { result, cpuSeconds, parts } = await measure<CatchUpResult>(target, spec);
  return {
    workload: `catch-up, ${MISSED_CONVERSATIONS * MISSED_EACH} messages in ${MISSED_CONVERSATIONS} conversations`,
    target: target.name,
    figures: {
      events: result.events,
      trips: result.trips,
      'p50 ms': result.sync.p50,
      'p99 ms': result.sync.p99,
      'CPU ms': (cpuSeconds * 1e3) / CATCH_UP_ROUNDS,
    },
    parts: cpuParts(parts, 1e3 / CATCH_UP_ROUNDS),
  };
}

/** A profile by HTTP. */
export async function profile(target: Product, seconds: number): Promise<Row> {
  const people = await target.people(PROFILE_PEOPLE);
  const spec = {
    kind: 'profile',
    httpUrls: target.httpUrls,
    people,
    connections: PROFILE_CONNECTIONS,
    seconds,
  } as const;
  const { result, cpuSeconds, parts } = await measure<ProfileResult>(target, spec);
  return {
    workload: `HTTP profile, ${PROFILE_CONNECTIONS} connections`,
    target: target.name,
    figures: {
      'requests/s': result.requests / result.seconds,
      'CPU µs/request': (cpuSeconds * 1e6) / result.requests,
      'p50 ms': result.answer.p50,
      'p99 ms': result.answer.p99,
    },
    parts: cpuParts(parts, 1e6 / result.requests),
  };
}

/** From the command to `readyz`, on new data and on data that is there. */
export async function coldStart(target: Product): Promise<Row> {
  const times: number[] = [];
  for (let i = 0; i < COLD_STARTS; i += 1) times.push(await target.restart());
  times.sort((a, b) => a - b);
  return {
    workload: 'cold start',
    target: target.name,
    figures: { 'first ms': target.firstStartMs, 'again ms (median)': times[Math.floor(times.length / 2)]! },
  };
}

/** Said only where there were any: by a machine that has too much to do. */
function refused({ refusals }: SendResult): Record<string, number> {
  return refusals === 0 ? {} : { 'refused, sent again': refusals };
}

type Parts = Measured<unknown>['parts'];

function cpuParts(parts: Parts, factor: number): Row['parts'] & object {
  return scaled(parts, ({ cpuSeconds }) => cpuSeconds * factor);
}

function scaled(parts: Parts, value: (part: Parts[string]) => number): Record<string, number> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, value(part)]));
}

/** Runs `work` on a target that is started for it alone. */
export async function on<T extends Target>(
  start: (folder: string) => Promise<T>,
  work: (target: T) => Promise<Row>,
): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'im-bench-'));
  const target = await start(folder);
  try {
    return await work(target);
  } finally {
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

export const BARE = {
  echo: (folder: string) => startBare('echo', folder),
  sqlite: (folder: string) => startBare('sqlite', folder),
} as const;

/** How the product is started: as one process, or every service in so many. */
export function productOf(cluster: { instances: number } | undefined): (folder: string) => Promise<Product> {
  return cluster ? (folder) => startCluster(folder, cluster.instances) : startImBackend;
}
