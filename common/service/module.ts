import type { Registry } from 'prom-client';
import type { z } from 'zod';
import type { Bus } from '../bus/bus.ts';
import type { KeyValueCache } from '../cache/key-value-cache.ts';
import type { Database, Migrations } from '../database/database.ts';
import type { Waits } from '../lifecycle/wait-for.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { OfflineCache } from '../offline/offline-cache.ts';
import type { DeviceLocations } from '../presence/device-locations.ts';
import type { Discovery } from '../registry/registry.ts';
import type { AnyService, RpcBinding, RpcClient } from '../rpc/types.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Traces } from '../telemetry/traces.ts';
import type { ServiceName } from './names.ts';

/** What a process gives a service it runs. The same whether the others are near or far. */
export interface ServiceHost {
  readonly name: ServiceName;
  /** Random, made when the process starts. */
  readonly bootId: string;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Undefined where nothing is traced. */
  readonly traces?: Traces | undefined;
  /** Milliseconds since 1970. Services read the time here only. */
  readonly now: () => number;
  client<S extends AnyService>(service: S): RpcClient<S>;
  /** Opens the service's own database, migrated. Closed by the process after `stop`. */
  openDatabase<S>(migrations: Migrations): Promise<Database<S>>;
  /**
   * While the service is made: tries to reach something until it succeeds. Says what it waits for, also in
   * the process's readiness. A ConfigError ends the wait, and with it the process.
   */
  readonly until: Waits['until'];
  /** Which instances of services are alive. */
  readonly discovery: Discovery;
  readonly bus: Bus;
  readonly locations: DeviceLocations;
  readonly offlineCache: OfflineCache;
  /** Of all services on it: each puts a name of its own in front of its keys. */
  readonly cache: KeyValueCache;
  readonly rateLimits: RateLimits;
}

/** A service that has been built. The process calls start, then stop, once each. */
export interface RunningService {
  readonly rpc: readonly RpcBinding[];
  /** Gateways: where clients find it, once it listens. */
  readonly url?: string;
  /** Begins background work; other services may be called from here on. Gateways listen here. */
  start?(): Promise<void>;
  /** What is missing before the service can serve, in words; undefined once it can. */
  notReady?(): string | undefined;
  /** Told to stop soon: say so to clients. Calls are still served. */
  drain?(): Promise<void>;
  /** Ends background work and lets go of everything. */
  stop(): Promise<void>;
}

/** What a service is given to make what comes from a backup fit to go on from. */
export interface RestoreHost extends Pick<ServiceHost, 'now' | 'openDatabase' | 'until' | 'log' | 'metrics'> {
  /** The operator vouches that no session has changed since the backup was taken. */
  readonly keepSessions: boolean;
}

/** What a service is given to carry what it keeps in a data folder to the servers of a cluster. */
export interface CarryHost extends Pick<ServiceHost, 'now' | 'until' | 'log' | 'metrics'> {
  /** Its database in the folder, migrated. Nobody else uses it; it is not changed. */
  readonly from: Database<unknown>;
}

/** What a service keeps, on its way to a server that is none of databases. */
export interface Carrying {
  /** Whether there is nothing yet where it goes. */
  isEmpty(): Promise<boolean>;
  /** Puts everything there, again what an attempt before this one has put there. `onRows` is told how many more are there. */
  copy(onRows: (count: number) => void): Promise<void>;
  /** What is not there as it is here, a sentence each. */
  compare(): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * What a service needs before it can serve for the first time, and what it
 * merely uses: it goes on without that, and starts without it.
 */
export interface ServicePorts {
  readonly database?: 'needed' | 'used';
  readonly cache?: 'needed' | 'used';
  readonly bus?: 'needed';
}

/** The only export of a service's package. */
export interface ServiceModule<
  Config extends z.ZodObject = z.ZodObject,
  Running extends RunningService = RunningService,
> {
  readonly name: ServiceName;
  /** The service's own settings; a strict object whose every key has a default. */
  readonly config: Config;
  /** Beside the other services; nothing if left out. */
  readonly ports?: ServicePorts;
  /** The steps of its database's schema, where it has one. */
  readonly migrations?: Migrations;
  /** Throws ConfigError where these settings will not do for one of several processes: a secret that each would make for itself. */
  checkShared?(config: z.output<Config>, where: string): void;
  create(config: z.output<Config>, host: ServiceHost): Promise<Running>;
  /**
   * Runs once on what was restored before the service first opens it: what was
   * true when the backup was taken need not be any more. Gives a sentence for
   * the operator. Outboxes are taken up again without it.
   */
  restored?(config: z.output<Config>, host: RestoreHost): Promise<string>;
  /**
   * Where a cluster keeps what it has elsewhere than in a database of this schema: how that comes there from a
   * data folder. Tables are copied as they are without it. Throws ConfigError where the settings name no place.
   */
  carry?(config: z.output<Config>, host: CarryHost): Promise<Carrying>;
}
