import type { Migrations } from './database.ts';

/** The tables of the suite. */
export interface ConformanceTables {
  note: { id: number; name: string; size: number | boolean | null; body: Uint8Array | null };
}

export const conformanceMigrations: Migrations = {
  '0001-note': {
    async up(trx) {
      await trx.schema
        .createTable('note')
        .addColumn('id', 'bigint', (column) => column.notNull().primaryKey())
        .addColumn('name', 'varchar(100)', (column) => column.notNull().unique())
        .addColumn('size', 'bigint')
        .addColumn('body', 'blob')
        .execute();
    },
  },
};
