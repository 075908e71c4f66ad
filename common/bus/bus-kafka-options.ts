import { SASLMechanisms } from '@platformatic/kafka';
import type { Registry as Metrics } from 'prom-client';
import type { Logger } from '../telemetry/log.ts';
import { BUS_ANSWERS_WITHIN_MS } from './bus.ts';

export const DEFAULT_TOPIC = 'im.events';

/** Milliseconds to a broker's first answer on a new connection. */
const CONNECT_MS = 1_000;
/** A topic that changed, its partitions or their leaders, is noticed within this time without an error. Milliseconds. */
const METADATA_MAX_AGE_MS = 5_000;

/** The one that keeps the password from the broker's log and from who listens; every Kafka since 0.10.2 has it. */
const SASL_MECHANISM = SASLMechanisms.SCRAM_SHA_512;

export interface KafkaBusOptions {
  /** `host:port` each; any that answers tells of the others. */
  readonly brokers: readonly string[];
  readonly tls?: boolean;
  readonly login?: { readonly username: string; readonly password: string } | undefined;
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
export function clientOptions({ brokers, clientId, tls = false, login }: KafkaBusOptions) {
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    // The name that is checked is the host that was dialled.
    ...(tls && { tls: {}, tlsServerName: true }),
    ...(login && { sasl: { mechanism: SASL_MECHANISM, ...login } }),
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
