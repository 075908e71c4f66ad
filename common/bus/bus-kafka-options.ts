import type { Registry as Metrics } from 'prom-client';
import type { Logger } from '../telemetry/log.ts';
import { BUS_ANSWERS_WITHIN_MS } from './bus.ts';

export const DEFAULT_TOPIC = 'im.events';

/** Milliseconds to a broker's first answer on a new connection. */
const CONNECT_MS = 1_000;
/** A topic that changed, its partitions or their leaders, is noticed within this time without an error. Milliseconds. */
const METADATA_MAX_AGE_MS = 5_000;

export interface KafkaBusOptions {
  /** `host:port` each; any that answers tells of the others. */
  readonly brokers: readonly string[];
  readonly topic?: string | undefined;
  /** Of the topic when it is created here; one that is there keeps its own. As many consumers of a group can share the work. */
  readonly partitions?: number | undefined;
  /** Copies of the topic when it is created here; the brokers' `default.replication.factor` if not given. */
  readonly replicas?: number | undefined;
  /** Shown by Kafka's tools and logs, for instance the service and its boot id. */
  readonly clientId: string;
  readonly log: Logger;
  readonly metrics: Metrics;
}

/**
 * What every client of Kafka here starts from. The library waits for 30 s and
 * tries four times by default; here whoever calls decides whether and when to
 * try again, so that every deadline stays his.
 */
export function clientOptions({ brokers, clientId }: KafkaBusOptions) {
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: CONNECT_MS,
    requestTimeout: BUS_ANSWERS_WITHIN_MS,
    /** Also what the broker is told to wait for copies. */
    timeout: BUS_ANSWERS_WITHIN_MS,
    retries: 0,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    // A topic of a broker's own making would have one partition and be kept for a week.
    autocreateTopics: false,
    // Mistakes in options are errors instead of surprises.
    strict: true,
  };
}
