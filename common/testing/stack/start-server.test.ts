import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { identityOf } from './process-identity.ts';
import { RECIPES } from './recipes.ts';
import { SERVER_KINDS, type ServerKind } from './server-kinds.ts';
import { startFixture } from './start-process.fixture.ts';
import { canStart, type StackServer, startServer } from './start-server.ts';

/** Milliseconds for a server that has two starts in its test, on a machine with other work. */
const TWO_STARTS_MS = 120_000;

const started: StackServer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

async function start(kind: ServerKind): Promise<StackServer> {
  const server = await startServer(kind);
  started.push(server);
  return server;
}

/** One command to a Redis; gives up after `ms`. */
async function redis(server: StackServer, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis(server.port, '127.0.0.1', {
    commandTimeout: 2_000,
    connectTimeout: 2_000,
    retryStrategy: () => null,
    lazyConnect: true,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

describe.skipIf(!canStart('redis'))('a server of a test', () => {
  test('two at once do not meet', async () => {
    const [one, other] = await Promise.all([start('redis'), start('redis')]);
    await redis(one, 'SET', 'whose', 'one');
    await redis(other, 'SET', 'whose', 'other');
    expect(one.address).not.toBe(other.address);
    expect(await redis(one, 'GET', 'whose')).toBe('one');
    expect(await redis(other, 'GET', 'whose')).toBe('other');
  });

  test('killed it is gone, restarted it has its port', async () => {
    const server = await start('redis');
    const { port, pid } = server;
    await redis(server, 'SET', 'key', 'value');
    await server.kill();
    expect(server.pid).toBeUndefined();
    await expect(redis(server, 'PING')).rejects.toThrow();
    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await redis(server, 'GET', 'key')).toBeNull();
  });

  test('paused it answers nobody, resumed it goes on', async () => {
    const server = await start('redis');
    await redis(server, 'SET', 'key', 'value');
    await server.pause();
    await expect(redis(server, 'GET', 'key')).rejects.toThrow();
    expect(server.pid).toBeDefined();
    server.resume();
    expect(await redis(server, 'GET', 'key')).toBe('value');
  });

  test('a paused one can be stopped, and nothing of it is left', async () => {
    const server = await start('redis-session');
    const { pid = 0, dir } = server;
    await server.pause();
    await server.stop();
    await server.stop();
    expect(identityOf(pid)).toBeUndefined();
    expect(existsSync(dir)).toBe(false);
    await expect(server.restart()).rejects.toThrow('stopped for good');
  });

  test('a port that another has is refused, so that no other answers for it', async () => {
    const { port } = await start('redis');
    await expect(startServer('redis', { port })).rejects.toThrow(`port ${port} of 127.0.0.1 is taken`);
  });

  test('one that fails says what it wrote', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'im-failing-'));
    try {
      mkdirSync(join(dir, 'appendonlydir'));
      writeFileSync(join(dir, 'appendonlydir', 'appendonly.aof.manifest'), 'not a manifest');
      await expect(startServer('redis-session', { dir })).rejects.toThrow(
        /ended while it started[\s\S]*manifest/,
      );
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test('a caller that is killed while its server is down leaves no folder behind', async () => {
    const caller = await startFixture<{ dir: string }>('caller.fixture.ts', ['redis', 'down']);
    expect(existsSync(caller.said.dir)).toBe(true);
    await caller.kill();
    await vi.waitFor(() => expect(existsSync(caller.said.dir)).toBe(false), { timeout: 10_000 });
  });

  test('a caller that is killed leaves no server behind', async () => {
    const caller = await startFixture<{ pid: number; dir: string }>('caller.fixture.ts', ['redis']);
    const { pid, dir } = caller.said;
    expect(identityOf(pid)).toBeDefined();
    expect(existsSync(dir)).toBe(true);
    await caller.kill();
    await vi.waitFor(
      () => {
        expect(identityOf(pid)).toBeUndefined();
        expect(existsSync(dir)).toBe(false);
      },
      { timeout: 10_000 },
    );
  });
});

/** How a client writes something to each kind that keeps it, and reads it again. */
const KEPT: Partial<
  Record<ServerKind, (server: StackServer) => { write(): Promise<unknown>; read(): Promise<unknown> }>
> = {
  'redis-session': (server) => ({
    write: () => redis(server, 'SET', 'key', 'value'),
    read: () => redis(server, 'GET', 'key'),
  }),
  mysql: (server) => {
    const query = async (sql: string) => {
      const connection = await createConnection({ uri: server.address, connectTimeout: 5_000 });
      const [rows] = await connection.query({ sql, timeout: 10_000 });
      await connection.end();
      return rows;
    };
    return {
      write: () => query('CREATE SCHEMA kept'),
      read: async () => JSON.stringify(await query("SHOW SCHEMAS LIKE 'kept'")).includes('kept') && 'value',
    };
  },
  etcd: (server) => {
    const post = async (path: string, body: object) => {
      const answer = await fetch(`http://${server.address}/v3/kv/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(5_000),
      });
      return (await answer.json()) as { kvs?: { value: string }[] };
    };
    return {
      write: () => post('put', { key: btoa('key'), value: btoa('value') }),
      read: async () => atob((await post('range', { key: btoa('key') })).kvs?.[0]?.value ?? ''),
    };
  },
  kafka: (server) => {
    const admin = async <T>(work: (admin: Admin) => Promise<T>) => {
      const client = new Admin({ clientId: 'kept', bootstrapBrokers: [server.address], timeout: 10_000 });
      try {
        return await work(client);
      } finally {
        await client.close();
      }
    };
    return {
      write: () => admin((client) => client.createTopics({ topics: ['value'], partitions: 1, replicas: 1 })),
      read: async () => (await admin((client) => client.listTopics())).at(0),
    };
  },
};

describe.each(SERVER_KINDS)('%s', (kind) => {
  test.skipIf(!canStart(kind))(
    'answers, and keeps what it should over a SIGKILL',
    async () => {
      const server = await start(kind);
      await RECIPES[kind].ask(server.port);
      const client = KEPT[kind]?.(server);
      if (client === undefined) return;
      await client.write();
      await server.restart('SIGKILL');
      expect(await client.read()).toBe('value');
    },
    TWO_STARTS_MS,
  );
});

test.skipIf(!canStart('mysql'))(
  'MySQL has the settings that the product asks for',
  async () => {
    const server = await start('mysql');
    const connection = await createConnection({ uri: server.address, connectTimeout: 5_000 });
    const [rows] = await connection.query(
      `SELECT @@innodb_flush_log_at_trx_commit flushed, @@sync_binlog synced, @@log_bin logged,
              @@character_set_server charset, @@ngram_token_size ngram`,
    );
    await connection.end();
    expect(rows).toEqual([{ flushed: 1, synced: 1, logged: 1, charset: 'utf8mb4', ngram: 2 }]);
  },
  TWO_STARTS_MS,
);
