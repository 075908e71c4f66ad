import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database, Migrations } from '@im/common/database/database.ts';
import { openMysqlDatabase } from '@im/common/database/open-mysql.ts';
import { openSqliteDatabase } from '@im/common/database/open-sqlite.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { createMysqlSchema, type MysqlSchema } from '@im/common/testing/mysql-schema.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compareTable } from './compare-table.ts';
import { copyTable } from './copy-table.ts';
import { pagesOf } from './pages.ts';
import { type Table, tablesOfFile, tablesOfSchema } from './table.ts';

/** A key of three columns, and a value of every kind. */
interface Tables {
  line: {
    partition_id: number;
    conversation_id: string;
    seq: number;
    body: Uint8Array | null;
    note: string;
    big: number;
  };
}

const migrations: Migrations = {
  '0001-line': {
    async up(trx) {
      await trx.schema
        .createTable('line')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', sql`varchar(64)`, (c) => c.notNull())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addColumn('body', sql`mediumblob`)
        .addColumn('note', 'text', (c) => c.notNull())
        .addColumn('big', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('line_pk', ['partition_id', 'conversation_id', 'seq'])
        .execute();
    },
  },
};

/** Ids whose order by bytes is not that of any language. */
const IDS = ['B', 'a', 'a ', 'z', 'é', '你好', '🎉', '\uffee'];

const addresses = stackAddresses();

describe.skipIf(addresses === undefined)('a table on its way', () => {
  let folder: string;
  let schema: MysqlSchema;
  let source: Database<Tables>;
  let target: Database<Tables>;
  let table: Table;
  const untyped = (db: Database<Tables>) => db as unknown as Database<unknown>;
  const copy = (page?: number) => copyTable(untyped(source), untyped(target), table, () => {}, page);
  const compare = () => compareTable(untyped(source), untyped(target), table);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'im-copy-'));
    schema = await createMysqlSchema(addresses!.mysqlUrl);
    source = await openSqliteDatabase({ file: join(folder, 'a.db'), migrations });
    const log = createLogger({ level: 'silent' });
    target = await openMysqlDatabase({ url: schema.url, migrations, now: Date.now, log });
    const rows: Tables['line'][] = [0, 1, 7].flatMap((partition_id) =>
      IDS.flatMap((conversation_id) =>
        [1, 2, 10].map((seq) => ({
          partition_id,
          conversation_id,
          seq,
          body: seq === 1 ? null : new Uint8Array([0, 255, 39, 92, 63, seq]),
          note: `what? 'quoted' \\ "${conversation_id}"\u0000 end `,
          big: seq === 10 ? Number.MAX_SAFE_INTEGER : -seq,
        })),
      ),
    );
    await source.transaction((trx) => trx.insertInto('line').values(rows).execute());
    [table] = (await tablesOfFile(untyped(source).read)) as [Table];
  });
  afterEach(async () => {
    await source.close();
    await target.close();
    await schema.drop();
    rmSync(folder, { recursive: true });
  });

  test('both engines have it alike', async () => {
    expect(await tablesOfSchema(untyped(target).read)).toEqual([table]);
    expect(table).toMatchObject({ name: 'line', key: ['partition_id', 'conversation_id', 'seq'] });
  });

  test.each([1, 7, 72, 500])('in pages of %d every value arrives as it was', async (page) => {
    await copy(page);
    expect(await compare()).toEqual({ groups: 3 * IDS.length, differences: [] });
    const read = async (db: Database<Tables>) => {
      const rows: unknown[] = [];
      for await (const some of pagesOf(untyped(db).read, table, undefined, page)) rows.push(...some);
      return rows;
    };
    expect(await read(target)).toEqual(await read(source));
  });

  test('a copy goes on after what is there', async () => {
    const some = await source.read
      .selectFrom('line')
      .selectAll()
      .orderBy('partition_id')
      .orderBy('conversation_id')
      .orderBy('seq')
      .limit(13)
      .execute();
    await target.transaction((trx) => trx.insertInto('line').values(some).execute());
    await copy(5);
    expect((await compare()).differences).toEqual([]);
    await copy(5);
    expect((await compare()).differences).toEqual([]);
  });

  test.each<[string, string, RegExp]>([
    [
      'a byte',
      "update line set body = x'00ff275c3f03' where partition_id = 7 and conversation_id = 'a' and seq = 2",
      /^line of a: 3 rows on both sides, with other content$/,
    ],
    [
      'null for nothing',
      "update line set body = '' where partition_id = 0 and conversation_id = 'z' and seq = 1",
      /^line of z: 3 rows/,
    ],
    [
      'a space',
      "update line set note = concat(note, ' ') where partition_id = 0 and conversation_id = 'B' and seq = 1",
      /^line of B/,
    ],
    [
      'a row less',
      "delete from line where partition_id = 1 and conversation_id = '🎉' and seq = 10",
      /^line of 🎉: 3 rows here, 2 there$/,
    ],
    [
      'a conversation less',
      "delete from line where partition_id = 1 and conversation_id = '你好'",
      /^line of 你好: 3 rows here, 0 there$/,
    ],
    [
      'a conversation more',
      "insert into line values (9, 'x', 1, null, '', 0)",
      /^line of x: 0 rows here, 1 there$/,
    ],
    [
      'another partition',
      "update line set partition_id = 8 where partition_id = 7 and conversation_id = 'a '",
      /^line of a : 3 rows here, 0 there\nline of a : 0 rows here, 3 there$/,
    ],
  ])('%s is told', async (_what, damage, says) => {
    await copy();
    await schema.query(damage);
    expect((await compare()).differences.join('\n')).toMatch(says);
  });
});
