import type { StackAddresses } from '../stack-addresses.ts';
import type { Program } from './programs.ts';
import { type ProgramKind, programOf, SERVER_KINDS, type ServerKind } from './server-kinds.ts';
import { type StackServer, startServer } from './start-server.ts';

export interface StartStackOptions {
  /** Addresses of servers that run already; the others are started. */
  given?: Readonly<Partial<Record<ServerKind, string>>>;
  /** What to run, where that is known already. */
  programs?: Readonly<Partial<Record<ProgramKind, Program>>>;
}

/** One server of each kind; those that were started are of this process's own and end with it, however it ends. */
export interface Stack {
  readonly addresses: StackAddresses;
  /** Those that were started. */
  readonly servers: Readonly<Partial<Record<ServerKind, StackServer>>>;
  /** Ends all of these for good. */
  stop(): Promise<void>;
}

/**
 * Starts one server of each kind that is not given, side by side and each in a
 * temporary folder, and waits until all answer. When one fails, none is left and
 * it throws.
 */
export async function startStack({ given = {}, programs = {} }: StartStackOptions = {}): Promise<Stack> {
  const missing = SERVER_KINDS.filter((kind) => given[kind] === undefined);
  const results = await Promise.allSettled(
    missing.map((kind) => startServer(kind, { program: programs[programOf(kind)] })),
  );
  const started = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const stop = async () => void (await Promise.all(started.map((server) => server.stop())));
  if (failures.length > 0) {
    await stop();
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.join('\n'));
  }
  const servers: Stack['servers'] = Object.fromEntries(started.map((server) => [server.kind, server]));
  const addressOf = (kind: ServerKind) => given[kind] ?? servers[kind]?.address ?? '';
  return {
    servers,
    stop,
    addresses: {
      mysqlUrl: addressOf('mysql'),
      redisUrl: addressOf('redis'),
      sessionRedisUrl: addressOf('redis-session'),
      kafkaBrokers: addressOf('kafka'),
      etcdHosts: addressOf('etcd'),
    },
  };
}
