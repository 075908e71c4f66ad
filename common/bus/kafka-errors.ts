import { findErrorBy } from '@platformatic/kafka';
import type { Logger } from '../telemetry/log.ts';
import { within } from '../utils/wait.ts';

/** How long a client may take to say goodbye before it is left to itself. Milliseconds. */
const CLOSE_MS = 2_000;

/**
 * What went wrong, each thing once. The library's own errors hold every answer
 * for every partition, each with its stack: a page of log for a broker that restarts.
 */
export function kafkaError(error: unknown): Error {
  if (!(error instanceof AggregateError)) return error instanceof Error ? error : new Error(String(error));
  return new Error(`Kafka: ${[...new Set(leavesOf(error).map((leaf) => leaf.message))].join('; ')}`);
}

/** Logs what went wrong, unless that was done a moment ago. */
export type Complain = (error: unknown, message: string) => void;

export function createComplaints(log: Logger, everyMs: number): Complain {
  let lastAt = Number.NEGATIVE_INFINITY;
  return (error, message) => {
    if (performance.now() - lastAt < everyMs) return;
    lastAt = performance.now();
    log.warn({ err: kafkaError(error) }, message);
  };
}

function leavesOf(error: Error): Error[] {
  return error instanceof AggregateError ? error.errors.flatMap(leavesOf) : [error];
}

/** Whether this code of Kafka's protocol, as `UNKNOWN_TOPIC_ID`, is the reason or among several. */
export function isKafkaError(error: unknown, ...ids: readonly string[]): boolean {
  return ids.some((id) => findErrorBy(error as Error, 'apiId', id) !== null);
}

/** The group goes on without this member as it was; it has to join again. */
export function needsRejoin(error: unknown): boolean {
  return findErrorBy(error as Error, 'needsRejoin', true) !== null;
}

/** The topic is not there, or not the one it was: somebody deleted it, and may have made another of its name. */
export function isTopicGone(error: unknown): boolean {
  if (isKafkaError(error, 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID'))
    return true;
  // The library puts its own words in the place of the broker's code when it reads what a topic is made of.
  return error instanceof Error && error.message.startsWith('Unknown topic ');
}

/** The value of `work`; rejects when `ms` milliseconds pass first, while `work` itself goes on. */
export async function inTime<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  const done = await within(
    work.then((value) => ({ value })),
    ms,
  );
  if (done === undefined) throw new Error(`Kafka has not answered within ${ms} ms: ${what}`);
  return done.value;
}

/** Closes a client that is not needed any more, whatever it is busy with; never rejects. */
export async function letGo(client: { close(force: boolean): Promise<void> }): Promise<void> {
  // What it says about a connection that is gone already helps nobody.
  await within(
    client.close(true).catch(() => {}),
    CLOSE_MS,
  );
}
