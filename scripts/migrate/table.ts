import { type Kysely, sql } from 'kysely';

/** A table as both engines have it. */
export interface Table {
  readonly name: string;
  /** In an order that both sides are read in. */
  readonly columns: readonly string[];
  /** The primary key, its columns in their order. */
  readonly key: readonly string[];
}

/** What is known of the schema itself, and is no row of the service's. */
export const STEPS_TABLE = 'schema_migration';

/** The tables of a service's SQLite file, by name. Throws for one without a primary key: it could not be read in pages. */
export async function tablesOfFile(db: Kysely<unknown>): Promise<Table[]> {
  const { rows } = await sql<{ name: string }>`
    select name from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\'
      and name <> ${STEPS_TABLE} order by name`.execute(db);
  const tables: Table[] = [];
  for (const { name } of rows) {
    const { rows: columns } = await sql<{ name: string; pk: number }>`
      select name, pk from pragma_table_info(${name})`.execute(db);
    const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    if (key.length === 0) throw new Error(`the table ${name} has no primary key`);
    tables.push({
      name,
      columns: columns.map((each) => each.name).sort(),
      key: key.map((each) => each.name),
    });
  }
  return tables;
}

/** The tables of a MySQL schema, by name, with what is in the order that `tablesOfFile` gives it. */
export async function tablesOfSchema(db: Kysely<unknown>): Promise<Table[]> {
  const { rows } = await sql<{ tbl: string; name: string; pk: number | null }>`
    select c.table_name as tbl, c.column_name as name, k.ordinal_position as pk
      from information_schema.columns c
      left join information_schema.key_column_usage k
        on k.table_schema = c.table_schema and k.table_name = c.table_name
          and k.column_name = c.column_name and k.constraint_name = 'PRIMARY'
      where c.table_schema = database() and c.table_name <> ${STEPS_TABLE}
      order by c.table_name, c.column_name`.execute(db);
  return Object.entries(Object.groupBy(rows, ({ tbl }) => tbl))
    .map(([name, columns = []]) => ({
      name,
      columns: columns.map((each) => each.name).sort(),
      key: columns
        .filter(({ pk }) => pk !== null)
        .sort((a, b) => a.pk! - b.pk!)
        .map((each) => each.name),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The steps that a schema has gone through. */
export async function stepsOf(db: Kysely<unknown>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.table(STEPS_TABLE)} order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** How many rows there are. */
export async function countRows(db: Kysely<unknown>, { name }: Pick<Table, 'name'>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(name)}`.execute(db);
  return Number(rows[0]!.count);
}
