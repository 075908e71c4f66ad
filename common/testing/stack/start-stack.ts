import type { StackAddresses } from '../stack-addresses.ts';
import type { Program } from './programs.ts';
import { type ProgramKind, programOf, SERVER_KINDS, type ServerKind } from './server-kinds.ts';
import { type StackServer, startServer } from './start-server.ts';

/** One server of each kind, of this process's own: they end with it, however it ends. */
export interface Stack {
  readonly servers: Readonly<Record<ServerKind, StackServer>>;
  readonly addresses: StackAddresses;
  /** Ends all of them for good. */
  stop(): Promise<void>;
}

/**
 * Starts them side by side in a temporary folder, and waits until all answer;
 * `programs` where it is known what to run. When one fails, none is left and it throws.
 */
export async function startStack(programs?: Readonly<Record<ProgramKind, Program>>): Promise<Stack> {
  const started = await Promise.allSettled(
    SERVER_KINDS.map((kind) => startServer(kind, { program: programs?.[programOf(kind)] })),
  );
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failures = started.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())));
  if (failures.length > 0) {
    await stop();
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.join('\n'));
  }
  const byKind = Object.fromEntries(servers.map((server) => [server.kind, server])) as Stack['servers'];
  return { servers: byKind, addresses: addressesOf((kind) => byKind[kind].address), stop };
}

function addressesOf(of: (kind: ServerKind) => string): StackAddresses {
  return {
    mysqlUrl: of('mysql'),
    redisUrl: of('redis'),
    sessionRedisUrl: of('redis-session'),
    kafkaBrokers: of('kafka'),
    etcdHosts: of('etcd'),
  };
}
