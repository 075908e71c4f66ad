import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDefaults } from '@im/common/service/module-with-config.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import {
  busSetting,
  cacheSetting,
  databaseSetting,
  NO_SERVERS,
  registrySetting,
} from '@im/common/service/port-settings.ts';
import { type RunningProcess, startProcess } from '@im/common/service/process.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { type ClusterNames, makeClusterNames } from '@im/common/testing/cluster/cluster-names.ts';
import {
  type ServiceEnvironment,
  serviceEnvironment,
} from '@im/common/testing/cluster/service-environment.ts';
import { type ServiceProcess, startServiceProcess } from '@im/common/testing/cluster/service-process.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { startTcpProxy, type TcpProxy } from '@im/common/testing/tcp-proxy.ts';
import { delay } from '@im/common/utils/wait.ts';
import { MODULES } from '@im/server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readinessOf, untilReadiness } from './readiness.ts';

const stack = stackAddresses();

/** What services wait for: servers, each behind a proxy of the test's own, and other services. */
type Server = 'MySQL' | 'cache Redis' | 'session Redis' | 'Kafka' | 'etcd';
type Part = Server | ServiceName;

const NEEDS: readonly (readonly [service: ServiceName, parts: readonly Part[]])[] = [
  ['user-service', ['MySQL', 'etcd']],
  ['auth-service', ['session Redis', 'etcd']],
  ['friend-service', ['MySQL', 'cache Redis', 'etcd']],
  ['group-service', ['MySQL', 'cache Redis', 'etcd']],
  ['chat-service', ['Kafka', 'cache Redis', 'MySQL', 'etcd']],
  ['ws-gateway', ['cache Redis', 'auth-service', 'etcd']],
  [
    'api-gateway',
    ['user-service', 'auth-service', 'friend-service', 'group-service', 'chat-service', 'etcd'],
  ],
];

/** Milliseconds for all orders of one service, on a busy machine. */
const TEST_MS = 240_000;
/** Milliseconds for which a process that lost everything is watched, and between two looks. */
const WATCH_MS = 1_500;
const LOOK_EVERY_MS = 50;

describe.skipIf(stack === undefined)(
  'a service is ready for the first time when what it needs is there',
  () => {
    let folder = '';
    let names: ClusterNames;
    const proxies = new Map<Server, TcpProxy>();
    let started: ServiceProcess | undefined;
    const others = new Map<ServiceName, RunningProcess>();

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'im-readiness-'));
      names = await makeClusterNames(stack!);
      for (const [server, address] of serverAddresses()) proxies.set(server, await startTcpProxy(address));
    });
    afterEach(async () => {
      await started?.kill();
      await stopOthers();
    });
    afterAll(async () => {
      for (const proxy of proxies.values()) await proxy.close();
      await names?.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    function serverAddresses(): (readonly [Server, string])[] {
      const { mysqlUrl, redisUrl, sessionRedisUrl, kafkaBrokers, etcdHosts } = stack!;
      return [
        ['MySQL', new URL(mysqlUrl).host],
        ['cache Redis', new URL(redisUrl).host],
        ['session Redis', new URL(sessionRedisUrl).host],
        ['Kafka', kafkaBrokers.split(',')[0]!],
        ['etcd', etcdHosts.split(',')[0]!],
      ];
    }

    /** The names as one service under test has them, all behind the proxies; nobody else is in its part of etcd. */
    function behindProxies(service: ServiceName): Omit<ClusterNames, 'remove'> {
      const through = (server: Server, setting: string) => {
        const [, address] = serverAddresses().find(([name]) => name === server)!;
        return setting.replace(address, proxies.get(server)!.address);
      };
      return {
        ...names,
        databaseOf: (of) => {
          const url = names.databaseOf(of);
          return url === undefined ? undefined : through('MySQL', url);
        },
        cache: through('cache Redis', names.cache),
        sessions: through('session Redis', names.sessions),
        bus: through('Kafka', names.bus),
        registry: through('etcd', `${names.registry}${service}/`),
      };
    }

    /** Another service, in this process and on the servers themselves. */
    async function startOther(
      of: ServiceName,
      other: ServiceName,
      environment: ServiceEnvironment,
    ): Promise<void> {
      const module = MODULES.find(({ name }) => name === other)!;
      const url = names.databaseOf(other);
      const { IM_SESSIONS, IM_SIGNING_KEYS, IM_REFRESH_SECRET, IM_ADMIN_KEY } = environment.of(other);
      const settings: Partial<Record<ServiceName, Record<string, unknown>>> = {
        'user-service': { adminKey: IM_ADMIN_KEY },
        'auth-service': {
          sessions: IM_SESSIONS?.replace(
            proxies.get('session Redis')!.address,
            new URL(stack!.sessionRedisUrl).host,
          ),
          signingKeys: JSON.parse(IM_SIGNING_KEYS ?? '[]'),
          refreshSecret: IM_REFRESH_SECRET,
        },
      };
      const running = await startProcess({
        modules: [withDefaults(module, settings[other] ?? {})],
        dataDir: folder,
        ports: {
          ...NO_SERVERS,
          databases: url === undefined ? {} : { [other]: databaseSetting.parse(url) },
          cache: cacheSetting.parse(names.cache),
          bus: busSetting.parse(names.bus),
          registry: registrySetting.parse(`${names.registry}${of}/`),
        },
        serviceKeys: environment.keys,
        log: createLogger({ level: 'silent' }),
      });
      others.set(other, running);
      await running.ready(AbortSignal.timeout(TEST_MS));
    }

    async function stopOthers(): Promise<void> {
      await Promise.all([...others.values()].map((running) => running.stop()));
      others.clear();
    }

    /** Starts it with nothing there; resolves when it says that it is not ready. */
    async function startWithNothing(
      service: ServiceName,
      environment: ServiceEnvironment,
    ): Promise<ServiceProcess> {
      for (const proxy of proxies.values()) proxy.cut();
      await stopOthers();
      const one = startServiceProcess({
        service,
        instance: 0,
        env: environment.of(service),
        logFile: join(folder, `${service}.log`),
      });
      started = one;
      await untilReadiness(one, ({ status, text }) => status === 503 && /waiting for|not seen/.test(text));
      return one;
    }

    test.for(NEEDS)('%s', { timeout: TEST_MS }, async ([service, parts]) => {
      const environment = serviceEnvironment(behindProxies(service));
      const idle = await startWithNothing(service, environment);
      expect(await idle.stop(), 'SIGTERM while it waits').toBe(0);

      for (const last of parts) {
        const order = [...parts.filter((part) => part !== last), last];
        const one = await startWithNothing(service, environment);
        for (const part of order) {
          if (part === last) await untilReadiness(one, ({ text }) => text.includes(wordsFor(part)));
          const { status, text } = await readinessOf(one);
          expect(status, `${order.join(', ')}: before ${part}: ${text}`).toBe(503);
          const server = proxies.get(part as Server);
          if (server !== undefined) server.restore();
          else await startOther(service, part as ServiceName, environment);
        }
        await one.ready();
        expect(await readinessOf(one)).toEqual({ status: 200, text: 'ready' });

        if (last === parts.at(-1)) {
          for (const proxy of proxies.values()) proxy.cut();
          await stopOthers();
          for (const end = performance.now() + WATCH_MS; performance.now() < end; await delay(LOOK_EVERY_MS))
            expect(await readinessOf(one), 'all lost again').toEqual({ status: 200, text: 'ready' });
        }
        await one.kill();
      }
    });

    /** How readiness names what is missing. */
    function wordsFor(part: Part): string {
      if (part === 'MySQL') return 'MySQL';
      if (part === 'session Redis') return 'the Redis of sessions';
      return proxies.get(part as Server)?.address ?? part;
    }
  },
);
