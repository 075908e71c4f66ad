import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Database } from '@im/common/database/database.ts';
import { openMysqlDatabase } from '@im/common/database/open-mysql.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { startCommitProxy } from '@im/common/testing/commit-proxy.ts';
import { createMysqlSchema, type MysqlSchema } from '@im/common/testing/mysql-schema.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';
import { partitionOf } from '@im/common/utils/murmur2.ts';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitForPartitions } from '../store/log-partition.ts';
import { migrations } from '../store/migrations/index.ts';
import type { ChatSchema } from '../store/schema.ts';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { refusal } from '../testing/refusal.ts';
import { openSendStream, textItem } from '../testing/send-stream-client.ts';
import { createTestClock } from '../testing/test-clock.ts';

// Instances with connections of their own to one MySQL schema.

const PARTITIONS = 8;
/** Long enough for a lock to be taken from a process that stands still. Milliseconds. */
const PATIENT_MS = 12_000;

const addresses = stackAddresses();
const log = createLogger({ level: 'silent' });
const clock = createTestClock();

describe.skipIf(addresses === undefined)('several instances on one MySQL schema', () => {
  let schema: MysqlSchema;
  let closing: (() => Promise<unknown>)[];
  let one: Chat;
  let two: Chat;
  let direct: string;

  async function open(url = schema.url): Promise<Database<ChatSchema>> {
    const database = await openMysqlDatabase<ChatSchema>({ url, migrations, now: Date.now, log });
    closing.push(() => database.close());
    return database;
  }

  async function start(database: Database<ChatSchema>, settings = {}): Promise<Chat> {
    const chat = await startChat({ database, clock, settings: { partitions: PARTITIONS, ...settings } });
    closing.push(() => chat.stop());
    return chat;
  }

  beforeEach(async () => {
    closing = [];
    schema = await createMysqlSchema(addresses!.mysqlUrl);
    one = await start(await open());
    two = await start(await open());
    await one.openAccount('1', '2', '3', '4');
    direct = await one.befriend('1', '2');
  });
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
    await schema.drop();
  });

  const texts = async (chat: Chat, conversationId = direct) =>
    (await chat.user('1').messages(conversationId, { limit: 200 })).messages.map(
      (message) => [message.seq, textOf(message)] as const,
    );

  test('both write the same conversations at once: no gap, no double, one order for all', async () => {
    const group = await one.makeGroup('5', ['1', '2', '3', '4']);
    const uids = ['1', '2', '3', '4'];
    const sends = (i: number) => {
      const chat = i % 2 ? one : two;
      const uid = uids[i % 3 ? i % 4 : i % 2]!;
      const to = i % 3 ? group : direct;
      // Every fifth goes to both, as after a broken stream.
      const targets = i % 5 ? [chat] : [one, two];
      return Promise.all(
        targets.map((each) => each.user(uid).send(to, `text ${i}`, { clientMsgId: `m${i}` })),
      );
    };
    // So many at once as a busy instance takes.
    for (let from = 0; from < 240; from += 80) {
      const numbers = Array.from({ length: 80 }, (_, i) => from + i);
      for (const answers of await Promise.all(numbers.map(sends))) {
        expect(new Set(answers.map(({ seq }) => seq)).size).toBe(1);
      }
    }
    for (const conversationId of [direct, group]) {
      const rows = await schema.query<{ seq: number; change_no: number }>(
        `select seq, change_no from event where conversation_id = '${conversationId}' order by seq`,
      );
      expect(rows.map((row) => row.seq)).toEqual(rows.map((_, i) => i + 1));
      expect(rows.map((row) => row.change_no)).toEqual(
        rows.map((row) => row.change_no).toSorted((a, b) => a - b),
      );
      expect(await texts(one, conversationId)).toEqual(await texts(two, conversationId));
    }
    const stored = await schema.query<{ n: number }>('select count(*) as n from message_key');
    expect(stored).toEqual([{ n: 240 }]);
    const changes = await schema.query<{ a: number; b: number }>(
      `select p.change_no as a, max(e.change_no) as b from log_partition p join event e using (partition_id)
        where e.conversation_id = '${group}' group by p.change_no`,
    );
    expect(changes[0]!.a).toBeGreaterThanOrEqual(changes[0]!.b);
  });

  test('what the one changed binds the other from its next message on', async () => {
    const group = await one.makeGroup('5', ['1', '2']);
    for (const chat of [one, two]) {
      await chat.user('2').send(direct, 'remembered');
      await chat.user('2').send(group, 'remembered');
    }
    await one.setBlock('1', '2');
    expect(await refusal(two.user('2').send(direct, 'blocked'))).toBe('DIRECT_NOT_ALLOWED');
    await one.setBlock('1', '2', false);
    await two.user('2').send(direct, 'let in');
    await one.removeMembers(group, ['2']);
    expect(await refusal(two.user('2').send(group, 'removed'))).toBe('NOT_A_MEMBER');
    await one.addMembers(group, ['2']);
    expect((await two.user('2').send(group, 'back')).seq).toBeGreaterThan(0);
  });

  test('while one holds a partition the other goes on with all others, in the same lane too', async () => {
    const partition = partitionOf(direct, PARTITIONS);
    const others = await Promise.all(['3', '4'].map((uid) => one.befriend('1', uid)));
    const elsewhere = others.filter((id) => partitionOf(id, PARTITIONS) !== partition);
    expect(elsewhere.length).toBeGreaterThan(0);
    let release!: () => void;
    let locked!: () => void;
    const isLocked = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const holding = one.database.transaction(async (trx) => {
      await waitForPartitions(trx, [partition]);
      locked();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await isLocked;
    const waiting = two.user('1').send(direct, 'waits', { timeoutMs: PATIENT_MS });
    let waited = true;
    waiting.then(() => (waited = false)).catch(() => {});
    for (let i = 0; i < 5; i++) {
      for (const id of elsewhere) await two.user('1').send(id, `goes on ${i}`);
    }
    expect(waited).toBe(true);
    release();
    await holding;
    expect((await waiting).seq).toBe(2);
  });

  test('a COMMIT whose answer was lost is found again; one that was lost is made again', async () => {
    const { hostname, port } = new URL(addresses!.mysqlUrl);
    const proxy = await startCommitProxy({ host: hostname, port: Number(port) });
    closing.push(() => proxy.close());
    const url = new URL(schema.url);
    url.host = `127.0.0.1:${proxy.port}`;
    const three = await start(await open(url.href));
    await three.user('1').send(direct, 'warm');
    for (const [i, lose] of [proxy.loseNextAnswer, proxy.loseNextCommit, proxy.loseNextAnswer].entries()) {
      lose();
      const sends = [
        three.user('1').send(direct, `a ${i}`, { clientMsgId: `a${i}` }),
        three.user('2').send(direct, `b ${i}`, { clientMsgId: `b${i}` }),
      ];
      expect((await Promise.all(sends)).map(({ seq }) => seq)).toEqual([i * 2 + 3, i * 2 + 4]);
    }
    expect((await texts(two)).map(([seq]) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8]);
  });

  test('a connection that is killed, a deadlock or a lock wait in the middle of a batch is not seen', async () => {
    const troubles = [
      async (trx: Parameters<Parameters<Database<ChatSchema>['transaction']>[0]>[0]) => {
        const { rows } = await sql<{ id: number }>`select connection_id() as id`.execute(trx);
        await schema.query(`kill ${rows[0]!.id}`);
      },
      async () => {
        throw Object.assign(new Error('Deadlock found'), { code: 'ER_LOCK_DEADLOCK' });
      },
      async () => {
        throw Object.assign(new Error('Lock wait timeout exceeded'), { code: 'ER_LOCK_WAIT_TIMEOUT' });
      },
    ];
    const database = await open();
    const three = await start({
      ...database,
      transaction: (work, options) =>
        database.transaction(async (trx) => {
          const result = await work(trx);
          await troubles.shift()?.(trx);
          return result;
        }, options),
    });
    for (let seq = 2; seq <= 6; seq++) {
      expect((await three.user('1').send(direct, `text ${seq}`)).seq).toBe(seq);
    }
    expect(troubles).toEqual([]);
    expect(await texts(two)).toEqual([2, 3, 4, 5, 6].map((seq) => [seq, `text ${seq}`]));
  });

  test('a process that stands still in the middle of a transaction loses its lock, and its late COMMIT fails', async () => {
    const partition = partitionOf(direct, PARTITIONS);
    const program = join(import.meta.dirname, '../testing/hold-partition.ts');
    const child = spawn(process.execPath, [program, schema.url, String(partition)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    closing.push(async () => {
      child.kill('SIGKILL');
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('locked');
    child.kill('SIGSTOP');
    const startedAt = performance.now();
    const streams = [one, two].map((chat) => openSendStream(chat.client('ws-gateway')));
    const sends = streams.map(
      (stream, i) => stream.send([textItem('1', direct, `behind ${i}`, { timeoutMs: PATIENT_MS })])[0]!,
    );
    expect((await Promise.all(sends)).map(({ seq }) => seq).toSorted()).toEqual([2, 3]);
    for (const stream of streams) stream.abort();
    expect(performance.now() - startedAt).toBeGreaterThan(3_000);
    child.kill('SIGCONT');
    child.stdin.write('commit\n');
    expect((await lines.next()).value).toMatch(/^refused /);
    await once(child, 'exit');
    const rows = await schema.query<{ change_no: number }>(
      `select change_no from log_partition where partition_id = ${partition}`,
    );
    expect(rows[0]!.change_no).toBeLessThan(1_000);
    expect((await two.user('2').send(direct, 'on and on')).seq).toBe(4);
  });

  test('every key of what lanes write begins with the partition, and there are no foreign keys', async () => {
    const keys = await schema.query<{ name: string; first: string }>(
      `select concat(table_name, '.', index_name) as name, column_name as first
        from information_schema.statistics
        where table_schema = '${schema.name}' and seq_in_index = 1 and table_name <> 'schema_migration'`,
    );
    expect(keys.length).toBeGreaterThan(9);
    expect(keys.filter(({ first }) => first !== 'partition_id')).toEqual([]);
    const foreign = await schema.query(
      `select * from information_schema.referential_constraints where constraint_schema = '${schema.name}'`,
    );
    expect(foreign).toEqual([]);
  });

  test('a batch locks nothing outside its partitions', async () => {
    const database = await open();
    /** The partitions of the rows that the last batch had locked. */
    let seen = new Set<string>();
    const three = await start(
      {
        ...database,
        transaction: (work, options) =>
          database.transaction(async (trx) => {
            const result = await work(trx);
            // The sweep's transactions are not batches.
            if (!options?.once) return result;
            const { rows } = await sql<{ id: number }>`select connection_id() as id`.execute(trx);
            const locks = await schema.query<{ row: string }>(
              `select lock_data as \`row\` from performance_schema.data_locks
              join performance_schema.threads using (thread_id)
              where processlist_id = ${rows[0]!.id} and lock_type = 'RECORD'`,
            );
            seen = new Set(locks.map(({ row }) => row.split(',')[0]!));
            return result;
          }, options),
      },
      { directMessages: 'anyone' },
    );
    const batches: (readonly [conversationId: string, call: () => Promise<unknown>])[] = [
      [direct, () => three.user('1').send(direct, 'hello')],
      // Between strangers it looks at both accounts, which are elsewhere.
      [directConversationId('3', '4'), () => three.user('3').send(directConversationId('3', '4'), 'hello')],
      [direct, () => three.user('1').markRead(direct, 2)],
      ['g:7', () => three.makeGroup('7', ['1', '2', '3'])],
      ['g:7', () => three.removeMembers('g:7', ['3'])],
    ];
    for (const [conversationId, call] of batches) {
      await call();
      expect([...seen]).toEqual([String(partitionOf(conversationId, PARTITIONS))]);
    }
  });
});
