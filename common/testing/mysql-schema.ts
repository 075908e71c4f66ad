import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';

/** A schema of a test's own on the test run's MySQL server. */
export interface MysqlSchema {
  readonly name: string;
  /** With the schema in it, as `openMysqlDatabase` takes it. */
  readonly url: string;
  /** Runs one statement in it, on a connection beside those under test. */
  query<Row = Record<string, unknown>>(sql: string): Promise<Row[]>;
  drop(): Promise<void>;
}

/** Makes an empty schema with a random name; drop it at the end. */
export async function createMysqlSchema(serverUrl: string): Promise<MysqlSchema> {
  const name = `im_test_${randomBytes(8).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const connection = await mysql.createConnection({ uri: serverUrl, connectTimeout: 10_000 });
  await connection.query(`create database ${name}`);
  await connection.query(`use ${name}`);
  return {
    name,
    url: url.href,
    async query<Row>(sql: string) {
      const [rows] = await connection.query(sql);
      return (Array.isArray(rows) ? rows : []) as Row[];
    },
    async drop() {
      await connection.query(`drop database ${name}`);
      await connection.end();
    },
  };
}
