import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import type { ServiceProcess } from '@im/common/testing/cluster/service-process.ts';
import type { ServerKind } from '@im/common/testing/stack/server-kinds.ts';
import { delay } from '@im/common/utils/wait.ts';
import type { Random } from '../crash/random.ts';
import type { FaultCluster } from './fault-cluster.ts';
import { deleteTopic, makeTopic, untilTopic } from './kafka-topic.ts';
import { pauseInTransaction } from './pause-in-transaction.ts';
import { readinessOf } from './readiness.ts';

/** Something that happens to a cluster while people talk. */
export interface Fault {
  readonly name: string;
  /** Does it and undoes it; resolves when everything that runs in peace runs again. Gives what was wrong with it, a sentence each. */
  inflict(cluster: FaultCluster, random: Random): Promise<string[]>;
}

/** Longer than any lease, lock and session that a process which is paused may hold. */
const PAUSE_MS = 30_000;
const MYSQL_AWAY_MS = 60_000;
/** Milliseconds that others find something gone. */
const GONE_MS = 2_000;

/** In the order in which they are inflicted. */
export const FAULTS: readonly Fault[] = [
  killed('chat-service'),
  {
    name: 'chat-service paused for 30 s in a transaction',
    async inflict(cluster, random) {
      const victim = oneOf(cluster, 'chat-service', random);
      const wasInTransaction = await pauseInTransaction(cluster.servers.mysql.address, victim);
      await delay(PAUSE_MS);
      victim.resume();
      return wasInTransaction ? [] : ['it was in no transaction'];
    },
  },
  restarted('kafka', 'SIGKILL'),
  restarted('kafka', 'SIGTERM'),
  restarted('redis', 'SIGKILL'),
  restarted('redis-session', 'SIGKILL'),
  restarted('mysql', 'SIGKILL'),
  restarted('mysql', 'SIGTERM'),
  restarted('etcd', 'SIGKILL'),
  killed('ws-gateway'),
  {
    name: 'SIGTERM to each process in turn',
    async inflict({ services }) {
      const codes: string[] = [];
      for (const process of SERVICE_NAMES.flatMap((service) => services.of(service))) {
        const code = await process.stop();
        if (code !== 0) codes.push(`${process.name} left with ${code}`);
        await process.start();
      }
      return codes;
    },
  },
  {
    name: 'topic deleted and made again',
    async inflict({ servers, names }) {
      await deleteTopic(servers.kafka.address, names.topic);
      await delay(GONE_MS);
      await makeTopic(servers.kafka.address, names.topic);
      return [];
    },
  },
  {
    name: 'topic deleted, made again by the services',
    async inflict({ servers, names }) {
      await deleteTopic(servers.kafka.address, names.topic);
      await untilTopic(servers.kafka.address, names.topic);
      return [];
    },
  },
  {
    name: 'mysql away for 60 s',
    async inflict({ servers, services }) {
      await servers.mysql.kill('SIGTERM');
      await delay(MYSQL_AWAY_MS);
      const complaints = await unready(services.all);
      await servers.mysql.restart();
      return complaints;
    },
  },
];

/** Some that are soon over: a process, something it may do without, and what it stores in. */
export function shortFaults(random: Random): Fault[] {
  return SHORT.map((names) => {
    const name = random.pick(names);
    return FAULTS.find((fault) => fault.name === name)!;
  });
}

const SHORT = [
  ['SIGKILL chat-service', 'SIGKILL ws-gateway'],
  ['kafka restarted, SIGKILL', 'redis restarted, SIGKILL', 'redis-session restarted, SIGKILL'],
  ['mysql restarted, SIGKILL', 'etcd restarted, SIGKILL'],
] as const;

function oneOf({ services }: FaultCluster, service: ServiceName, random: Random): ServiceProcess {
  return random.pick(services.of(service));
}

function killed(service: ServiceName): Fault {
  return {
    name: `SIGKILL ${service}`,
    async inflict(cluster, random) {
      const victim = oneOf(cluster, service, random);
      await victim.kill();
      await delay(GONE_MS);
      await victim.start();
      return [];
    },
  };
}

function restarted(kind: ServerKind, signal: 'SIGKILL' | 'SIGTERM'): Fault {
  return {
    name: `${kind} restarted, ${signal}`,
    async inflict({ servers, services }) {
      await servers[kind].kill(signal);
      const complaints = await unready(services.all);
      await servers[kind].restart();
      return complaints;
    },
  };
}

/** Processes that are not ready any more: what they lose may show in metrics, but readiness is for good. */
async function unready(processes: readonly ServiceProcess[]): Promise<string[]> {
  const answers = await Promise.all(processes.map(readinessOf));
  return answers.flatMap(({ status, text }, place) =>
    status === 200 ? [] : [`${processes[place]!.name} is not ready: ${text}`],
  );
}
