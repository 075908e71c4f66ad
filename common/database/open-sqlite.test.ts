import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseConformance } from './conformance.ts';
import { type ConformanceTables, conformanceMigrations } from './conformance-tables.ts';
import type { Database, Migrations } from './database.ts';
import { isTransient } from './errors.ts';
import { openSqliteDatabase } from './open-sqlite.ts';

const makeFolder = () => mkdtemp(join(tmpdir(), 'im-sqlite-'));
const removeFolder = (folder: string) => rm(folder, { recursive: true, force: true });

describe('conformance', () => {
  databaseConformance(async () => {
    const folder = await makeFolder();
    return {
      open: (migrations) => openSqliteDatabase({ file: join(folder, 'test.db'), migrations }),
      remove: () => removeFolder(folder),
    };
  });
});

interface Tables extends ConformanceTables {
  part: { id: number; note_id: number };
}

const migrations: Migrations = {
  ...conformanceMigrations,
  '0002-part': {
    async up(trx) {
      await sql`
        create table part (
          id bigint primary key,
          note_id bigint not null references note (id) deferrable initially deferred
        )
      `.execute(trx);
    },
  },
};

let folder: string;
let file: string;
let db: Database<Tables>;

beforeEach(async () => {
  folder = await makeFolder();
  file = join(folder, 'test.db');
  db = await openSqliteDatabase<Tables>({ file, migrations });
});

afterEach(async () => {
  await db.close();
  await removeFolder(folder);
});

const note = (id: number) => ({ id, name: `note ${id}`, size: null, body: null });
const insert = (id: number) => db.transaction((trx) => trx.insertInto('note').values(note(id)).execute());
const ids = async () =>
  (await db.read.selectFrom('note').select('id').orderBy('id').execute()).map((r) => r.id);
const pragma = async (name: string) =>
  db.transaction(async (trx) => {
    const { rows } = await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(trx);
    return rows[0]?.[name];
  });

test('two writers do not interleave, and are served in the order they came', async () => {
  const steps: string[] = [];
  const writer = (name: string) =>
    db.transaction(async (trx) => {
      const before = await trx.selectFrom('note').select('id').execute();
      steps.push(`${name} begins`);
      await nextTurn();
      await trx.insertInto('note').values(note(before.length)).execute();
      await nextTurn();
      steps.push(`${name} ends`);
    });
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map(writer));
  expect(await ids()).toEqual([0, 1, 2, 3]);
  expect(steps).toEqual(names.flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test('a COMMIT waits for the disk, in a write-ahead log', async () => {
  expect(await pragma('journal_mode')).toBe('wal');
  expect(await pragma('synchronous')).toBe(2);
  expect(await pragma('foreign_keys')).toBe(1);
});

test('the files are for their owner only', async () => {
  await insert(1);
  for (const name of [file, `${file}-wal`]) expect((await stat(name)).mode & 0o777).toBe(0o600);
});

test('the folder must exist', async () => {
  const opening = openSqliteDatabase({ file: join(folder, 'none', 'test.db'), migrations: {} });
  await expect(opening).rejects.toThrow('none');
});

test('a COMMIT that fails is rolled back, and the next transaction works', async () => {
  const work = db.transaction(async (trx) => {
    await trx.insertInto('note').values(note(1)).execute();
    await trx.insertInto('part').values({ id: 1, note_id: 99 }).execute();
  });
  await expect(work).rejects.toThrow('FOREIGN KEY');
  expect(await ids()).toEqual([]);
  await insert(2);
  expect(await ids()).toEqual([2]);
});

test('a full disk is a transient error, after which the database goes on', async () => {
  const pages = Number(await pragma('page_count'));
  await pragma(`max_page_count = ${pages + 2}`);
  const big = { ...note(1), body: new Uint8Array(1024 * 1024) };
  const error = await db
    .transaction((trx) => trx.insertInto('note').values(big).execute())
    .catch((thrown) => thrown);
  expect(isTransient(error)).toBe(true);
  expect(await ids()).toEqual([]);
  await pragma(`max_page_count = ${pages + 1000}`);
  await db.transaction((trx) => trx.insertInto('note').values(big).execute());
  expect(await ids()).toEqual([1]);
});

test('nothing is written outside a transaction that the database itself has ended', async () => {
  const work = db.transaction(async (trx) => {
    await trx.insertInto('note').values(note(1)).execute();
    await sql`rollback`.execute(trx);
    await trx.insertInto('note').values(note(2)).execute();
  });
  await expect(work).rejects.toThrow('no transaction');
  expect(await ids()).toEqual([]);
});

test('a migration that throws leaves nothing behind and is run again', async () => {
  let broken = true;
  const third: Migrations[string] = {
    async up(trx) {
      await trx.schema.createTable('third').addColumn('id', 'bigint').execute();
      if (broken) throw new Error('broken step');
    },
  };
  await db.close();
  const open = () => openSqliteDatabase<Tables>({ file, migrations: { ...migrations, '0003-third': third } });
  await expect(open()).rejects.toThrow('broken step');
  broken = false;
  db = await open();
});

test('reading neither writes nor begins transactions', async () => {
  await expect(db.read.insertInto('note').values(note(1)).execute()).rejects.toThrow('readonly');
  await expect(db.read.transaction().execute(async () => {})).rejects.toThrow('snapshot()');
  await expect(db.snapshot((trx) => trx.insertInto('note').values(note(1)).execute())).rejects.toThrow(
    'readonly',
  );
  await insert(1);
  expect(await ids()).toEqual([1]);
});

test('integers above 2^53 are refused in reading, not rounded', async () => {
  await db.transaction((trx) =>
    sql`insert into note (id, name) values (9007199254740993, 'big')`.execute(trx),
  );
  await expect(ids()).rejects.toThrow('too large');
});

test('a number is stored in a text column as it is written', async () => {
  await db.transaction((trx) =>
    trx
      .insertInto('note')
      .values({ ...note(1), name: 5 as unknown as string })
      .execute(),
  );
  expect(await db.read.selectFrom('note').select('name').executeTakeFirst()).toEqual({ name: '5' });
});

test('values that cannot be stored are refused', async () => {
  for (const size of [undefined, new Date(0), Number.NaN, {}]) {
    const row = { ...note(1), size: size as number };
    const text = sql`insert into note (id, name, size) values (${row.id}, ${row.name}, ${row.size})`;
    await expect(db.transaction((trx) => text.execute(trx))).rejects.toThrow('SQLite cannot keep');
  }
});

test('a long chain of queries lets the event loop turn', async () => {
  let turns = 0;
  let going = true;
  const turn = () => {
    turns++;
    if (going) setImmediate(turn);
  };
  setImmediate(turn);
  for (let i = 0; i < 3000; i++) await ids();
  going = false;
  expect(turns).toBeGreaterThan(1);
});

test('what was acknowledged survives SIGKILL', async () => {
  const killed = join(folder, 'killed.db');
  const fixture = join(import.meta.dirname, 'fixtures/commit-for-ever.ts');
  const child = spawn(process.execPath, [fixture, killed], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let acknowledged = 0;
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line);
    if (acknowledged === 20) child.kill('SIGKILL');
  }
  await exited;
  await db.close();
  db = await openSqliteDatabase<Tables>({ file: killed, migrations: conformanceMigrations });
  const found = await ids();
  expect(found.length).toBeGreaterThanOrEqual(acknowledged);
  expect(found).toEqual(found.map((_, i) => i + 1));
});
