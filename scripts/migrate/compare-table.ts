import { createHash, type Hash } from 'node:crypto';
import type { Database } from '@im/common/database/database.ts';
import type { Kysely } from 'kysely';
import { pagesOf, type Row } from './pages.ts';
import type { Table } from './table.ts';

/** What a table of the log has in front of its key. */
const OF_A_CONVERSATION = ['partition_id', 'conversation_id'];

/** Rows that are told of together: those of a conversation, or a whole table. */
interface Group {
  /** Undefined for a whole table. */
  readonly conversation: { readonly partition: number; readonly id: string } | undefined;
  readonly rows: number;
  /** Over every value of every row. */
  readonly checksum: string;
}

/** Compares a table's rows on both sides by count and checksum, of each conversation where they belong to one. A sentence for each difference. */
export async function compareTable(
  source: Database<unknown>,
  target: Database<unknown>,
  table: Table,
): Promise<{ groups: number; differences: string[] }> {
  const here = groupsOf(source.read, table);
  const there = groupsOf(target.read, table);
  const differences: string[] = [];
  let ours = await next(here);
  let theirs = await next(there);
  let groups = 0;
  while (ours !== undefined || theirs !== undefined) {
    groups += 1;
    const order = ours === undefined ? 1 : theirs === undefined ? -1 : compareGroups(ours, theirs);
    const [mine, other] = [order <= 0 ? ours : undefined, order >= 0 ? theirs : undefined];
    if (mine?.rows !== other?.rows || mine?.checksum !== other?.checksum)
      differences.push(differenceOf(table, mine, other));
    if (order <= 0) ours = await next(here);
    if (order >= 0) theirs = await next(there);
  }
  return { groups, differences };
}

function differenceOf({ name }: Table, mine: Group | undefined, other: Group | undefined): string {
  const { conversation } = (mine ?? other)!;
  const what = conversation === undefined ? name : `${name} of ${conversation.id}`;
  const [here, there] = [mine?.rows ?? 0, other?.rows ?? 0];
  return here === there
    ? `${what}: ${here} rows on both sides, with other content`
    : `${what}: ${here} rows here, ${there} there`;
}

async function next(groups: AsyncGenerator<Group>): Promise<Group | undefined> {
  const { value, done } = await groups.next();
  return done ? undefined : value;
}

function compareGroups(a: Group, b: Group): number {
  if (a.conversation === undefined || b.conversation === undefined) return 0;
  const byPartition = a.conversation.partition - b.conversation.partition;
  return byPartition || Buffer.compare(Buffer.from(a.conversation.id), Buffer.from(b.conversation.id));
}

async function* groupsOf(db: Kysely<unknown>, table: Table): AsyncGenerator<Group> {
  const grouped = OF_A_CONVERSATION.every((name, place) => table.key[place] === name);
  let present = grouped ? undefined : begin(undefined);
  for await (const rows of pagesOf(db, table)) {
    for (const row of rows) {
      const id = grouped ? String(row.conversation_id) : undefined;
      const partition = Number(row.partition_id);
      const known = present?.conversation;
      if (id !== undefined && (known?.id !== id || known.partition !== partition)) {
        if (present !== undefined) yield finish(present);
        present = begin({ partition, id });
      }
      present!.rows += 1;
      addRow(present!.hash, table, row);
    }
  }
  if (present !== undefined) yield finish(present);
}

function begin(conversation: Group['conversation']): {
  conversation: Group['conversation'];
  rows: number;
  hash: Hash;
} {
  return { conversation, rows: 0, hash: createHash('sha256') };
}

function finish({ conversation, rows, hash }: ReturnType<typeof begin>): Group {
  return { conversation, rows, checksum: hash.digest('base64url') };
}

/** Every value with its kind and length, so that no two rows are the same text. */
function addRow(hash: Hash, table: Table, row: Row): void {
  for (const name of table.columns) {
    const value = row[name];
    if (value === null) hash.update('null;');
    else if (value instanceof Uint8Array) hash.update(`bytes ${value.length};`).update(value);
    else {
      const text = String(value);
      hash.update(`${typeof value} ${text.length};`).update(text);
    }
  }
}
