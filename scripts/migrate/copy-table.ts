import type { Database } from '@im/common/database/database.ts';
import { rowInserter } from '@im/common/database/rows.ts';
import { lastKey, PAGE, pagesOf, type Row } from './pages.ts';
import type { Table } from './table.ts';

/**
 * Copies a table's rows as they are, a page in a transaction, in the order of
 * their keys. What stands there already is what an attempt before this one has
 * copied: it goes on after that. `onRows` is told how many more are there.
 */
export async function copyTable(
  source: Database<unknown>,
  target: Database<unknown>,
  table: Table,
  onRows: (count: number) => void,
  page = PAGE,
): Promise<void> {
  const insert = rowInserter<Row>(table.name, table.columns);
  const done = await lastKey(target.read, table);
  for await (const rows of pagesOf(source.read, table, done, page)) {
    // Never again by itself: whether a COMMIT was done is found out by the next attempt.
    await target.transaction((trx) => insert(trx, rows), { once: true });
    onRows(rows.length);
  }
}
