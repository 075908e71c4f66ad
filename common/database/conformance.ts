import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConformanceTables, conformanceMigrations } from './conformance-tables.ts';
import type { Database, Migrations } from './database.ts';
import { isTransient, isUniqueViolation } from './errors.ts';
import { forUpdate } from './locking.ts';
import { rowInserter, rowReader, rowUpdater } from './rows.ts';

/** One place for a database, empty at first, that may be opened again and again. */
export interface ConformanceStore {
  open(migrations: Migrations): Promise<Database<ConformanceTables>>;
  remove(): Promise<void>;
}

const NOTE_COLUMNS = ['id', 'name', 'size', 'body'] as const;
const readNotes = rowReader<ConformanceTables['note']>('note', ['id']);
const insertNotes = rowInserter<ConformanceTables['note']>('note', NOTE_COLUMNS);
const updateNotes = rowUpdater<ConformanceTables['note']>('note', ['id'], ['size', 'body']);

/** Registers the tests every engine has to pass (vitest). `makeStore` is called once a test. */
export function databaseConformance(makeStore: () => Promise<ConformanceStore>): void {
  let store: ConformanceStore;
  let db: Database<ConformanceTables>;

  beforeEach(async () => {
    store = await makeStore();
    db = await store.open(conformanceMigrations);
  });

  afterEach(async () => {
    await db.close();
    await store.remove();
  });

  const note = (id: number) => ({ id, name: `note ${id}`, size: null, body: null });
  const insert = (id: number) =>
    db.transaction((trx) => trx.insertInto('note').values(note(id)).executeTakeFirst());
  const ids = async (from: Pick<Database<ConformanceTables>['read'], 'selectFrom'> = db.read) =>
    (await from.selectFrom('note').select('id').orderBy('id').execute()).map((row) => row.id);

  test('a transaction gives its result, and what it wrote is read afterwards', async () => {
    const result = await db.transaction(async (trx) => {
      await trx.insertInto('note').values(note(1)).execute();
      expect(await ids(trx)).toEqual([1]);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await ids()).toEqual([1]);
  });

  test('a transaction that throws leaves nothing behind', async () => {
    const work = db.transaction(async (trx) => {
      await trx.insertInto('note').values(note(1)).execute();
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await ids()).toEqual([]);
    await insert(2);
    expect(await ids()).toEqual([2]);
  });

  test('as many transactions as there are writers run at once, the others in the order they came', async () => {
    let running = 0;
    let most = 0;
    const began: number[] = [];
    const count = db.writers * 2 + 1;
    const writer = (id: number) =>
      db.transaction(async (trx) => {
        began.push(id);
        most = Math.max(most, ++running);
        await trx.insertInto('note').values(note(id)).execute();
        await nextTurn();
        running--;
      });
    await Promise.all(Array.from({ length: count }, (_, id) => writer(id)));
    expect(await ids()).toHaveLength(count);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(db.writers);
    if (db.writers === 1) expect(began).toEqual([...began].sort((a, b) => a - b));
  });

  test('of two that lock the same row, the second sees what the first left', async () => {
    await insert(0);
    const count = () =>
      db.transaction(async (trx) => {
        const row = await trx
          .selectFrom('note')
          .selectAll()
          .where('id', '=', 0)
          .modifyEnd(forUpdate(trx))
          .executeTakeFirstOrThrow();
        await nextTurn();
        await trx
          .updateTable('note')
          .set({ size: Number(row.size ?? 0) + 1 })
          .where('id', '=', 0)
          .execute();
      });
    await Promise.all(Array.from({ length: 8 }, count));
    const { size } = await db.read.selectFrom('note').select('size').executeTakeFirstOrThrow();
    expect(size).toBe(8);
  });

  test('of two that insert the same key, one fails and sees the other on its next look', async () => {
    const tries = await Promise.allSettled([insert(1), insert(1)]);
    const failed = tries.filter((each) => each.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(isUniqueViolation(failed[0]!.reason)).toBe(true);
    expect(await ids()).toEqual([1]);
  });

  test('a reader sees only what is committed', async () => {
    await db.transaction(async (trx) => {
      await trx.insertInto('note').values(note(1)).execute();
      expect(await ids()).toEqual([]);
    });
    expect(await ids()).toEqual([1]);
  });

  test('a snapshot stays as it is while a writer commits', async () => {
    await insert(1);
    await db.snapshot(async (trx) => {
      expect(await ids(trx)).toEqual([1]);
      await insert(2);
      await nextTurn();
      expect(await ids(trx)).toEqual([1]);
    });
    expect(await ids()).toEqual([1, 2]);
  });

  test('single reads beside a snapshot see what was committed before they were asked for', async () => {
    const single = await db.snapshot(async (trx) => {
      await ids(trx);
      await insert(1);
      const read = ids();
      await nextTurn();
      return { read };
    });
    expect(await single.read).toEqual([1]);
  });

  test('a broken unique key is told from other errors, and the transaction may go on', async () => {
    await insert(1);
    await db.transaction(async (trx) => {
      const sameId = { ...note(1), name: 'another' };
      const sameName = { ...note(2), name: 'note 1' };
      for (const row of [sameId, sameName]) {
        const error = await trx
          .insertInto('note')
          .values(row)
          .execute()
          .catch((thrown) => thrown);
        expect(isUniqueViolation(error)).toBe(true);
        expect(isTransient(error)).toBe(false);
      }
      await trx.insertInto('note').values(note(3)).execute();
    });
    const missing = { ...note(4), name: null as unknown as string };
    const other = await db
      .transaction((trx) => trx.insertInto('note').values(missing).execute())
      .catch((thrown) => thrown);
    expect(other).toBeInstanceOf(Error);
    expect(isUniqueViolation(other)).toBe(false);
    expect(await ids()).toEqual([1, 3]);
  });

  test('values come back as they went in', async () => {
    const body = Uint8Array.from({ length: 256 }, (_, i) => i);
    const rows = [
      { id: Number.MAX_SAFE_INTEGER, name: '你好 👋🏽 é', size: -1, body },
      { id: 2, name: '', size: null, body: new Uint8Array(0) },
    ];
    await db.transaction((trx) => trx.insertInto('note').values(rows).execute());
    const read = await db.read.selectFrom('note').selectAll().orderBy('id', 'desc').execute();
    expect(read).toEqual(rows);
    expect(read[0]!.body).toBeInstanceOf(Uint8Array);
  });

  test('booleans are 0 and 1', async () => {
    await db.transaction((trx) =>
      trx
        .insertInto('note')
        .values([
          { ...note(1), size: true },
          { ...note(2), size: false },
        ])
        .execute(),
    );
    const read = await db.read.selectFrom('note').select('size').orderBy('id').execute();
    expect(read.map((row) => row.size)).toEqual([1, 0]);
  });

  test('numbers that would be rounded are refused', async () => {
    await expect(insert(2 ** 53)).rejects.toThrow();
    expect(await ids()).toEqual([]);
  });

  test('text is compared by its bytes', async () => {
    const names = ['a', 'A', 'é', 'e\u0301', 'b', '👍', '👍🏽'];
    const rows = names.map((name, id) => ({ ...note(id), name }));
    await db.transaction((trx) => trx.insertInto('note').values(rows).execute());
    const read = await db.read.selectFrom('note').select('name').orderBy('name').execute();
    expect(read.map((row) => row.name)).toEqual(
      names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
  });

  test('texts that differ in case or in spaces at the end are different keys', async () => {
    const names = ['a', 'a ', 'A', 'a  ', ''];
    const rows = names.map((name, id) => ({ ...note(id), name }));
    await db.transaction((trx) => trx.insertInto('note').values(rows).execute());
    for (const [id, name] of names.entries()) {
      const found = await db.read.selectFrom('note').select('id').where('name', '=', name).execute();
      expect(found).toEqual([{ id }]);
    }
  });

  test('what would end a text literal is a part of the text', async () => {
    const names = ["o'neil", 'a\\', "\\'; drop table note; --", '"`?', 'line\nbreak\0\u001a\t', '\u2028 ？'];
    const rows = names.map((name, id) => ({ ...note(id), name }));
    await db.transaction((trx) => trx.insertInto('note').values(rows).execute());
    const read = await db.read.selectFrom('note').select('name').orderBy('id').execute();
    expect(read.map((row) => row.name)).toEqual(names);
    for (const [id, name] of names.entries()) {
      const found = await db.read.selectFrom('note').select('id').where('name', '=', name).execute();
      expect(found).toEqual([{ id }]);
    }
  });

  test('statements on many rows do what as many single ones would', async () => {
    const body = Uint8Array.of(0, 39, 92, 255);
    const rows = Array.from({ length: 700 }, (_, id) => ({ ...note(id), name: `'${id}\\`, body }));
    const keys = rows.map((row) => [row.id]);
    await db.transaction(async (trx) => {
      await insertNotes(trx, rows);
      await insertNotes(trx, []);
      expect(await readNotes(trx, [])).toEqual([]);
      const changed = rows.slice(0, 600).map((row) => ({ ...row, size: row.id, body: null }));
      await updateNotes(trx, changed);
      await updateNotes(trx, [{ ...rows[650]!, size: -1, body: new Uint8Array(0) }]);
      await updateNotes(trx, [{ ...note(9999), size: 1 }]);
    });
    const read = await readNotes(db.read, [...keys, [5000]]);
    expect(read.toSorted((a, b) => a.id - b.id)).toEqual(
      rows.map((row) => {
        if (row.id < 600) return { ...row, size: row.id, body: null };
        return row.id === 650 ? { ...row, size: -1, body: new Uint8Array(0) } : row;
      }),
    );
    const again = await db.transaction((trx) => insertNotes(trx, rows.slice(0, 2))).catch((thrown) => thrown);
    expect(isUniqueViolation(again)).toBe(true);
  });

  test('the number of matching rows is told, whether they changed or not', async () => {
    await insert(1);
    await insert(2);
    await db.transaction(async (trx) => {
      const updated = await trx.updateTable('note').set({ size: 1 }).executeTakeFirst();
      expect(updated.numUpdatedRows).toBe(2n);
      const same = await trx.updateTable('note').set({ size: 1 }).executeTakeFirst();
      expect(same.numUpdatedRows).toBe(2n);
      const deleted = await trx.deleteFrom('note').where('id', '=', 9).executeTakeFirst();
      expect(deleted.numDeletedRows).toBe(0n);
    });
  });

  test('what was committed is there when the database is opened again', async () => {
    await insert(1);
    await db.close();
    db = await store.open(conformanceMigrations);
    expect(await ids()).toEqual([1]);
  });

  test('reading and snapshots write nothing', async () => {
    await expect(db.read.insertInto('note').values(note(1)).execute()).rejects.toThrow();
    await expect(db.read.transaction().execute(async () => {})).rejects.toThrow('snapshot()');
    await expect(db.snapshot((trx) => trx.insertInto('note').values(note(1)).execute())).rejects.toThrow();
    expect(await ids()).toEqual([]);
  });

  test('it says whether it can be reached', async () => {
    await db.reachable();
    await db.close();
    await expect(db.reachable()).rejects.toThrow('closed');
  });

  test('closing waits for the transactions before it and refuses those after it', async () => {
    const running = insert(1);
    const closed = db.close();
    await expect(insert(2)).rejects.toThrow('closed');
    await expect(db.snapshot(ids)).rejects.toThrow('closed');
    await Promise.all([running, closed, db.close()]);
    db = await store.open(conformanceMigrations);
    expect(await ids()).toEqual([1]);
  });

  test('migrations run once each, in the order of their names', async () => {
    const ran: string[] = [];
    const step = (name: string) => ({
      async up() {
        ran.push(name);
      },
    });
    const first: Migrations = { ...conformanceMigrations, '0003-c': step('c'), '0002-b': step('b') };
    await db.close();
    db = await store.open(first);
    await db.close();
    db = await store.open({ ...first, '0004-d': step('d') });
    expect(ran).toEqual(['b', 'c', 'd']);
  });

  test('a release runs on the schema of the one after it, but not on one that went another way', async () => {
    const step = { async up() {} };
    await db.close();
    await (await store.open({ ...conformanceMigrations, '0003-newer': step })).close();
    await (await store.open(conformanceMigrations)).close();
    await expect(store.open({ ...conformanceMigrations, '0004-mine': step })).rejects.toThrow('0003-newer');
    await expect(
      store.open({ ...conformanceMigrations, '0002-late': step, '0003-newer': step }),
    ).rejects.toThrow('0002-late');
    db = await store.open(conformanceMigrations);
  });
}
