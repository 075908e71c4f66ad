import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { eventually } from '../testing/eventually.ts';
import { type Checkpointer, type CheckpointerOptions, startCheckpointer } from './checkpointer.ts';
import { type ConformanceTables, conformanceMigrations } from './conformance-tables.ts';
import type { Database } from './database.ts';
import { openSqliteDatabase } from './open-sqlite.ts';

/** More than is kept of a log that starts anew. */
const MANY_BYTES = 6 * 1024 * 1024;

const log = createLogger({ level: 'silent' });
let folder: string;
let file: string;
let checkpointer: Checkpointer | undefined;
let db: Database<ConformanceTables> | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'im-checkpoint-'));
  file = join(folder, 'test.db');
});

afterEach(async () => {
  await db?.close();
  await checkpointer?.close();
  await rm(folder, { recursive: true, force: true });
});

async function open(options: Partial<CheckpointerOptions> = {}): Promise<Database<ConformanceTables>> {
  checkpointer = startCheckpointer({ log, intervalMs: 20, walBytes: 100_000, ...options });
  db = await openSqliteDatabase({ file, migrations: conformanceMigrations, checkpointer });
  return db;
}

const bytesOf = async (name: string) => (await stat(name)).size;
let nextId = 1;
const write = (to: Database<ConformanceTables>, bytes: number) =>
  to.transaction((trx) => {
    const id = nextId++;
    return trx
      .insertInto('note')
      .values({ id, name: `note ${id}`, size: null, body: new Uint8Array(bytes) })
      .execute();
  });

test('committed pages reach the file while the database is open', async () => {
  const written = await open();
  await write(written, MANY_BYTES);
  await vi.waitFor(async () => expect(await bytesOf(file)).toBeGreaterThan(MANY_BYTES), 5000);
  // Once all has been moved the log starts anew with the next COMMIT and gives its space back.
  await vi.waitFor(async () => {
    await write(written, 10);
    expect(await bytesOf(`${file}-wal`)).toBeLessThan(MANY_BYTES);
  }, 5000);
});

test('a COMMIT itself moves nothing', async () => {
  const written = await open({ intervalMs: 1_000_000 });
  const before = await bytesOf(file);
  await write(written, MANY_BYTES);
  await write(written, 10);
  expect(await bytesOf(file)).toBe(before);
});

test('the log stays bounded under a writer that never rests', async () => {
  const limit = 8 * 1024 * 1024;
  const written = await open({ behindBytes: limit });
  let resting = false;
  const writing = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!resting) await write(written, 50_000);
    }),
  );
  try {
    await vi.waitFor(async () => expect(await bytesOf(file)).toBeGreaterThan(4 * limit), {
      timeout: 20_000,
      interval: 10,
    });
  } finally {
    resting = true;
    await writing;
  }
  expect(await bytesOf(`${file}-wal`)).toBeLessThan(3 * limit);
}, 30_000);

test('a log that stays long is reported, and its writer then finishes the work itself', async () => {
  let behind = () => {};
  const reported = new Promise<void>((resolve) => {
    behind = resolve;
  });
  checkpointer = startCheckpointer({ log, intervalMs: 20, walBytes: 100_000, behindBytes: 200_000 });
  const watch = checkpointer.watch(file, behind);
  const idle: Checkpointer = {
    watch(_file, onBehind) {
      behind = onBehind;
      return { async stop() {} };
    },
    async close() {},
  };
  db = await openSqliteDatabase({ file, migrations: conformanceMigrations, checkpointer: idle });
  await write(db, MANY_BYTES);
  await reported;
  await watch.stop();

  const before = await bytesOf(file);
  await write(db, MANY_BYTES);
  expect(await bytesOf(file)).toBe(before);
  behind();
  await eventually(async () => expect(await bytesOf(file)).toBeGreaterThan(before + MANY_BYTES));
});

test('closing leaves everything in the file and no log', async () => {
  const written = await open();
  await write(written, MANY_BYTES);
  await written.close();
  await expect(stat(`${file}-wal`)).rejects.toThrow('ENOENT');
  const plain = new DatabaseSync(file, { readOnly: true });
  expect(plain.prepare('select count(*) as n from note').get()?.n).toBe(1);
  plain.close();
});

test('a checkpointer closed before its databases does not hold them up', async () => {
  const written = await open();
  await checkpointer!.close();
  await write(written, 10);
  await written.close();
});
