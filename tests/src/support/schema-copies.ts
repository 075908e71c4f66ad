import { createConnection } from 'mysql2/promise';

/** Stands for a dump: a schema's tables copied into another schema, and put back. */
export interface SchemaCopies {
  /** Copies what `<prefix>_<service>` holds at the moment. */
  take(service: string): Promise<void>;
  /** Makes the schema anew of what was copied. */
  putBack(service: string): Promise<void>;
  remove(): Promise<void>;
}

export function createSchemaCopies(serverUrl: string, prefix: string): SchemaCopies {
  const taken = new Set<string>();
  const schemaOf = (service: string) => `${prefix}_${service}`;
  const copyOf = (service: string) => `${prefix}_copy_${service}`;

  async function run(work: (query: (text: string) => Promise<Record<string, string>[]>) => Promise<void>) {
    const connection = await createConnection(serverUrl);
    await work(async (text) => (await connection.query(text))[0] as unknown as Record<string, string>[]);
    await connection.end();
  }

  const copy = (from: string, to: string) =>
    run(async (query) => {
      await query(`DROP DATABASE IF EXISTS \`${to}\``);
      await query(`CREATE DATABASE \`${to}\``);
      const tables = await query(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${from}'`,
      );
      for (const { name } of tables) {
        await query(`CREATE TABLE \`${to}\`.\`${name}\` LIKE \`${from}\`.\`${name}\``);
        await query(`INSERT INTO \`${to}\`.\`${name}\` SELECT * FROM \`${from}\`.\`${name}\``);
      }
    });

  return {
    async take(service) {
      taken.add(service);
      await copy(schemaOf(service), copyOf(service));
    },
    putBack: (service) => copy(copyOf(service), schemaOf(service)),
    remove: () =>
      run(async (query) => {
        for (const service of taken) await query(`DROP DATABASE IF EXISTS \`${copyOf(service)}\``);
      }),
  };
}
