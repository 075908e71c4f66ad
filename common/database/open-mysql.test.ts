import { sql, type Transaction } from 'kysely';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { startCommitProxy } from '../testing/commit-proxy.ts';
import { createMysqlSchema, type MysqlSchema } from '../testing/mysql-schema.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { startTcpProxy } from '../testing/tcp-proxy.ts';
import { untilTrue } from '../testing/until-true.ts';
import { databaseConformance } from './conformance.ts';
import { type ConformanceTables, conformanceMigrations } from './conformance-tables.ts';
import type { Database, Migration, Migrations } from './database.ts';
import { isTransient } from './errors.ts';
import { forUpdate } from './locking.ts';
import { type MysqlOptions, openMysqlDatabase } from './open-mysql.ts';

const addresses = stackAddresses();
const log = createLogger({ level: 'silent' });

describe.skipIf(addresses === undefined)('MySQL', () => {
  describe('conformance', () => {
    databaseConformance(async () => {
      const schema = await createMysqlSchema(addresses!.mysqlUrl);
      return {
        open: (migrations) => openMysqlDatabase({ url: schema.url, migrations, now: Date.now, log }),
        remove: schema.drop,
      };
    });
  });

  let schema: MysqlSchema;
  let db: Database<ConformanceTables>;
  /** What a test opened beside, closed after it, the last first. */
  let others: (() => Promise<unknown>)[];

  const note = (id: number) => ({ id, name: `note ${id}`, size: null, body: null });
  const ids = async () =>
    (await db.read.selectFrom('note').select('id').orderBy('id').execute()).map((row) => row.id);
  const lockNote = (trx: Transaction<ConformanceTables>, id: number) =>
    trx.selectFrom('note').selectAll().where('id', '=', id).modifyEnd(forUpdate(trx)).execute();
  const insertNote = (trx: Transaction<ConformanceTables>, id: number) =>
    trx.insertInto('note').values(note(id)).execute();
  const sessionId = async (trx: Transaction<ConformanceTables>) =>
    (await sql<{ id: number }>`select connection_id() as id`.execute(trx)).rows[0]!.id;

  async function open(options: Partial<MysqlOptions> = {}): Promise<Database<ConformanceTables>> {
    const database = await openMysqlDatabase<ConformanceTables>({
      url: schema.url,
      migrations: conformanceMigrations,
      now: Date.now,
      log,
      ...options,
    });
    others.push(() => database.close());
    return database;
  }

  /** The schema's address through a proxy on this port. */
  function through(port: number): string {
    const url = new URL(schema.url);
    url.host = `127.0.0.1:${port}`;
    return url.href;
  }

  beforeEach(async () => {
    others = [];
    schema = await createMysqlSchema(addresses!.mysqlUrl);
    db = await open();
  });

  afterEach(async () => {
    for (const close of others.reverse()) await close();
    await schema.drop();
  });

  describe('a transaction', () => {
    test('whose connection is lost before COMMIT runs again, once through', async () => {
      let runs = 0;
      const result = await db.transaction(async (trx) => {
        runs += 1;
        await insertNote(trx, 1);
        if (runs === 1) await schema.query(`kill ${await sessionId(trx)}`);
        await insertNote(trx, 2);
        return runs;
      });
      expect(result).toBe(2);
      expect(await ids()).toEqual([1, 2]);
    });

    test('that asks to run once does not', async () => {
      let runs = 0;
      const work = db.transaction(
        async (trx) => {
          runs += 1;
          await insertNote(trx, 1);
          await schema.query(`kill ${await sessionId(trx)}`);
        },
        { once: true },
      );
      expect(isTransient(await work.catch((error) => error))).toBe(true);
      expect(runs).toBe(1);
      expect(await ids()).toEqual([]);
    });

    test('whose COMMIT may have been done does not run again: the caller is told', async () => {
      const { hostname, port } = new URL(addresses!.mysqlUrl);
      const proxy = await startCommitProxy({ host: hostname, port: Number(port) });
      others.push(() => proxy.close());
      const behind = await open({ url: through(proxy.port) });
      for (const [id, lose, stored] of [
        [1, proxy.loseNextAnswer, true],
        [2, proxy.loseNextCommit, false],
      ] as const) {
        let runs = 0;
        lose();
        const error = await behind
          .transaction((trx) => {
            runs += 1;
            return insertNote(trx, id);
          })
          .catch((thrown) => thrown);
        expect(isTransient(error)).toBe(true);
        expect(runs).toBe(1);
        await untilTrue(async () => (await ids()).includes(id) === stored);
      }
    });

    test('that meets another in a deadlock ends well, as does the other', async () => {
      await db.transaction(async (trx) => {
        await insertNote(trx, 1);
        await insertNote(trx, 2);
      });
      let first: () => void;
      const bothHaveOne = new Promise<void>((resolve) => {
        first = resolve;
      });
      let began = 0;
      const crossing = (one: number, two: number) =>
        db.transaction(async (trx) => {
          await lockNote(trx, one);
          began += 1;
          if (began === 2) first();
          if (began <= 2) await bothHaveOne;
          await lockNote(trx, two);
          await trx
            .updateTable('note')
            .set((eb) => ({ size: eb(eb.fn.coalesce('size', sql.lit(0)), '+', 1) }))
            .where('id', 'in', [one, two])
            .execute();
        });
      await Promise.all([crossing(1, 2), crossing(2, 1)]);
      expect(began).toBeGreaterThan(2);
      expect((await db.read.selectFrom('note').select('size').execute()).map((row) => row.size)).toEqual([
        2, 2,
      ]);
    });

    test('that was undone writes nothing more and cannot pretend to be done', async () => {
      const work = db.transaction(
        async (trx) => {
          await insertNote(trx, 1);
          await schema.query(`kill ${await sessionId(trx)}`);
          await insertNote(trx, 2).catch(() => {});
          await insertNote(trx, 3).catch(() => {});
        },
        { once: true },
      );
      await expect(work).rejects.toThrow();
      const ended = db.transaction(async (trx) => {
        await insertNote(trx, 4);
        await sql`rollback`.execute(trx);
        await insertNote(trx, 5);
      });
      await expect(ended).rejects.toThrow('no transaction');
      expect(await ids()).toEqual([]);
    });

    test("waits for another's lock for a second and is then told so", async () => {
      await db.transaction((trx) => insertNote(trx, 1));
      let release!: () => void;
      let locked!: () => void;
      const isLocked = new Promise<void>((resolve) => {
        locked = resolve;
      });
      const holder = db.transaction(async (trx) => {
        await lockNote(trx, 1);
        locked();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      });
      await isLocked;
      const started = performance.now();
      const error = await db.transaction((trx) => lockNote(trx, 1), { once: true }).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'ER_LOCK_WAIT_TIMEOUT' });
      expect(isTransient(error)).toBe(true);
      expect(performance.now() - started).toBeGreaterThan(900);
      expect(performance.now() - started).toBeLessThan(4_000);
      release();
      await holder;
    });
  });

  describe('connections', () => {
    test('that the server closed are replaced without a word', async () => {
      const server = async () =>
        (
          await schema.query<{ id: number }>(
            `select id from information_schema.processlist where db = '${schema.name}' and id <> connection_id()`,
          )
        ).map((row) => row.id);
      await Promise.all([db.transaction((trx) => insertNote(trx, 1)), ids()]);
      for (let i = 2; i <= 4; i++) {
        const known = await server();
        expect(known.length).toBeGreaterThan(0);
        for (const id of known) await schema.query(`kill ${id}`);
        await db.transaction((trx) => insertNote(trx, i), { once: true });
        expect(await ids()).toHaveLength(i);
      }
    });

    test('whose end is not known yet are replaced too: nothing was asked of them', async () => {
      for (let i = 1; i <= 5; i++) {
        const writer = await db.transaction(sessionId);
        const killed = schema.query(`kill ${writer}`);
        // The server has ended it by then, and this process has had no time to hear of it.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
        await Promise.all([db.transaction((trx) => insertNote(trx, i), { once: true }), killed]);
      }
      expect(await ids()).toHaveLength(5);
    });

    test('that write are dropped by the server after 5 s without a word, those that nobody uses before', async () => {
      const variables = await db.transaction(async (trx) => {
        const { rows } = await sql<Record<string, unknown>>`
          select @@wait_timeout as wait, @@net_read_timeout as net_read, @@net_write_timeout as net_write,
            @@innodb_lock_wait_timeout as lock_wait, @@transaction_isolation as isolation`.execute(trx);
        return rows[0];
      });
      expect(variables).toEqual({
        wait: 5,
        net_read: 5,
        net_write: 5,
        lock_wait: 1,
        isolation: 'READ-COMMITTED',
      });
      await untilTrue(async () => {
        const open = await schema.query(
          `select id from information_schema.processlist where db = '${schema.name}' and id <> connection_id()`,
        );
        return open.length === 0;
      });
      await db.transaction((trx) => insertNote(trx, 1), { once: true });
    });

    test('a server that hangs holds nobody up for long, and is found again', async () => {
      const { host } = new URL(addresses!.mysqlUrl);
      const proxy = await startTcpProxy(host);
      others.push(() => proxy.close());
      const behind = await open({ url: through(proxy.port), statementTimeoutMs: 300 });
      await behind.reachable();
      await behind.transaction((trx) => insertNote(trx, 1));
      proxy.pause();
      const started = performance.now();
      const attempts = [
        behind.read.selectFrom('note').selectAll().execute(),
        behind.transaction((trx) => insertNote(trx, 2), { once: true }),
        behind.reachable(),
      ];
      for (const outcome of await Promise.allSettled(attempts)) {
        expect(outcome.status === 'rejected' && isTransient(outcome.reason)).toBe(true);
      }
      expect(performance.now() - started).toBeLessThan(6_000);
      proxy.restore();
      await untilTrue(() => behind.reachable().then(() => true));
      await behind.transaction((trx) => insertNote(trx, 3));
      expect(await ids()).toEqual([1, 3]);
    });

    test('a server that is away is told as such, at the start too', async () => {
      const proxy = await startTcpProxy(new URL(addresses!.mysqlUrl).host);
      others.push(() => proxy.close());
      const behind = await open({ url: through(proxy.port) });
      proxy.cut();
      for (const attempt of [
        () => behind.reachable(),
        () => behind.read.selectFrom('note').selectAll().execute(),
        () => behind.transaction((trx) => insertNote(trx, 1), { once: true }),
        () => open({ url: through(proxy.port) }),
      ]) {
        expect(isTransient(await attempt().catch((error) => error))).toBe(true);
      }
      proxy.restore();
      await behind.transaction((trx) => insertNote(trx, 2), { once: true });
      expect(await ids()).toEqual([2]);
    });

    test('are counted, those who wait for one too', async () => {
      const metrics = new Registry();
      const small = await open({ metrics, poolSize: 1 });
      const shown = async (name: string) =>
        (await metrics.getSingleMetric(name)!.get()).values.find((value) => value.labels.pool === 'write')
          ?.value;
      let release!: () => void;
      const holder = small.transaction(
        () =>
          new Promise<void>((resolve) => {
            release = resolve;
          }),
      );
      const second = small.transaction((trx) => insertNote(trx, 1));
      await untilTrue(async () => (await shown('im_database_connections_waiting')) === 1);
      expect(await shown('im_database_connections_in_use')).toBe(1);
      release();
      await Promise.all([holder, second]);
      expect(await shown('im_database_connections_in_use')).toBe(0);
      await small.close();
      expect(metrics.getMetricsAsArray()).toEqual([]);
    });
  });

  describe('migrations', () => {
    const STATEMENTS: ((trx: Transaction<unknown>) => Promise<unknown>)[] = [
      (trx) =>
        trx.schema
          .createTable('part')
          .addColumn('id', 'bigint', (c) => c.primaryKey())
          .execute(),
      (trx) => trx.schema.createIndex('note_size').on('note').column('size').execute(),
      (trx) =>
        trx.schema
          .alterTable('note')
          .addColumn('extra', 'integer', (c) => c.notNull().defaultTo(0))
          .execute(),
      (trx) => (trx as Transaction<ConformanceTables>).updateTable('note').set({ size: 7 }).execute(),
      (trx) => trx.schema.alterTable('note').dropColumn('body').execute(),
      (trx) => trx.schema.dropTable('part').execute(),
    ];
    /** Dies before a statement; 6 is after the last. */
    const step = (diesBefore: number): Migration => ({
      async up(trx) {
        for (const [i, statement] of STATEMENTS.entries()) {
          if (i === diesBefore) throw new Error('died');
          await statement(trx);
        }
        if (diesBefore === STATEMENTS.length) throw new Error('died');
      },
    });
    const upTo = (second: Migration): Migrations => ({ ...conformanceMigrations, '0002-second': second });

    test.each(STATEMENTS.map((_, i) => i + 1))(
      'a step that died after %i statements is gone through again',
      async (died) => {
        await db.transaction((trx) => insertNote(trx, 1));
        await expect(open({ migrations: upTo(step(died)) })).rejects.toThrow('died');
        await open({ migrations: upTo(step(Number.NaN)) });
        expect(await schema.query('select * from note')).toEqual([
          { id: 1, name: 'note 1', size: 7, extra: 0 },
        ]);
        expect(await schema.query("show tables like 'part'")).toEqual([]);
        expect(await schema.query("show index from note where key_name = 'note_size'")).toHaveLength(1);
        // And it is over: another start does nothing.
        await open({ migrations: upTo({ up: () => Promise.reject(new Error('ran again')) }) });
      },
    );

    test('a step that never began does not take what is there for its own', async () => {
      await schema.query('create table part (other int)');
      await expect(open({ migrations: upTo(step(Number.NaN)) })).rejects.toMatchObject({
        code: 'ER_TABLE_EXISTS_ERROR',
      });
    });

    test('of several processes that start at once, one makes the schema and all go on', async () => {
      let runs = 0;
      const counted: Migration = {
        async up(trx) {
          runs += 1;
          await trx.schema.createTable('once').addColumn('id', 'bigint').execute();
        },
      };
      await Promise.all(Array.from({ length: 4 }, () => open({ migrations: upTo(counted) })));
      expect(runs).toBe(1);
    });

    test('tables compare by bytes whatever the schema says, and rows are InnoDB', async () => {
      await schema.query(`alter database ${schema.name} character set latin1`);
      await open({ migrations: upTo({ up: (trx) => STATEMENTS[0]!(trx).then(() => {}) }) });
      const tables = await schema.query(
        `select distinct engine as e, table_collation as c from information_schema.tables where table_schema = '${schema.name}'`,
      );
      expect(tables).toEqual([{ e: 'InnoDB', c: 'utf8mb4_0900_bin' }]);
    });
  });
});
