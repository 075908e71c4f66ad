import { join } from 'node:path';
import { type ClusterNames, makeClusterNames } from '@im/common/testing/cluster/cluster-names.ts';
import {
  type ServiceProcesses,
  startServiceProcesses,
} from '@im/common/testing/cluster/service-processes.ts';
import { SERVER_KINDS, type ServerKind } from '@im/common/testing/stack/server-kinds.ts';
import type { StackServer } from '@im/common/testing/stack/start-server.ts';
import { startStack } from '@im/common/testing/stack/start-stack.ts';
import { LARGE_GROUPS } from '../crash/groups.ts';

/** Servers of its own and two processes of every service on them: all of it may be killed, paused and restarted. */
export interface FaultCluster {
  readonly servers: Readonly<Record<ServerKind, StackServer>>;
  readonly services: ServiceProcesses;
  readonly names: ClusterNames;
  /** Ends all of it, without ado. */
  end(): Promise<void>;
}

const INSTANCES = 2;

/** Starts it and waits until everything is ready; `folder` holds what the services log. */
export async function startFaultCluster(folder: string): Promise<FaultCluster> {
  const stack = await startStack();
  const servers = stack.servers as Record<ServerKind, StackServer>;
  try {
    const names = await makeClusterNames(stack.addresses);
    const services = await startServiceProcesses({
      names,
      instances: INSTANCES,
      folder,
      env: { 'chat-service': LARGE_GROUPS },
    });
    return {
      servers,
      services,
      names,
      async end() {
        await services.killAll();
        await stack.stop();
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Where everybody who has a part in it writes what it logs, for people who look into a failure. */
export function logFilesOf({ servers, services }: FaultCluster): string[] {
  return [
    ...SERVER_KINDS.map((kind) => join(servers[kind].dir, 'server.log')),
    ...services.all.map(({ logFile }) => logFile),
  ];
}
