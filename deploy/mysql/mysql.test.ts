import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { claimPorts } from '@im/common/testing/stack/ports.ts';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VARIABLE_GROUPS } from '../../scripts/deploy-env/variables.ts';
import { readComposeFile } from '../../scripts/stack/compose/compose-file.ts';
import { canPlay } from '../../scripts/stack/compose/images/image.ts';
import { type PlayedContainer, playContainer } from '../../scripts/stack/compose/play-container.ts';

const DEPLOY = join(import.meta.dirname, '..');
/** Milliseconds to start it and to make what it holds. */
const START_MS = 150_000;

const variables = Object.assign({}, ...VARIABLE_GROUPS.map(({ make }) => make({}))) as Record<string, string>;

describe.skipIf(process.env.IM_TEST_STACK === 'off' || !canPlay(['mysql']))(
  'MySQL as the compose file has it',
  () => {
    let played: PlayedContainer;
    let port = 0;
    beforeAll(async () => {
      const { services } = readComposeFile(join(DEPLOY, 'docker-compose.yaml'), variables);
      const mysql = services.find(({ name }) => name === 'mysql')!;
      const [claimed = 0] = await claimPorts(1);
      port = claimed;
      played = await playContainer(mysql, DEPLOY, {
        services: ['mysql'],
        port: () => port,
        published: () => undefined,
      });
      await played.healthy(AbortSignal.timeout(START_MS));
    }, START_MS);
    afterAll(() => played?.stop());

    async function query(
      user: string,
      password: string | undefined,
      sql: string,
      database?: string,
    ): Promise<unknown> {
      const connection = await createConnection({ host: '127.0.0.1', port, user, password, database });
      try {
        return (await connection.query(sql))[0];
      } finally {
        connection.destroy();
      }
    }

    test.each(['user', 'friend', 'group', 'chat'])(
      'the account of %s may do everything in its schema',
      async (name) => {
        const password = variables[`IM_MYSQL_${name.toUpperCase()}_PASSWORD`];
        const run = (sql: string) => query(`im_${name}`, password, sql, `im_${name}`);
        await run('CREATE TABLE a (id INT PRIMARY KEY, b TEXT)');
        await run('ALTER TABLE a ADD INDEX i (b(10))');
        await run("INSERT INTO a VALUES (1, 'x')");
        await run('UPDATE a SET b = id');
        await run('DELETE FROM a');
        await run('DROP TABLE a');
        expect(await run('SELECT @@collation_database AS it')).toEqual([{ it: 'utf8mb4_0900_bin' }]);
      },
    );

    test('and nothing in another one, not even one with a name like it', async () => {
      const run = (sql: string) => query('im_chat', variables.IM_MYSQL_CHAT_PASSWORD, sql);
      await expect(run('CREATE TABLE im_user.a (id INT)')).rejects.toThrow('denied');
      await expect(run('USE im_group')).rejects.toThrow('denied');
      await expect(run('CREATE DATABASE im_other')).rejects.toThrow('denied');
      // A bare _ in a grant stands for any character.
      await expect(run('CREATE DATABASE imXchat')).rejects.toThrow('denied');
      expect(await run('SHOW DATABASES')).not.toContainEqual({ Database: 'im_user' });
    });

    test('root does not come over the network, nor anybody without the password', async () => {
      await expect(query('root', variables.IM_MYSQL_ROOT_PASSWORD, 'SELECT 1')).rejects.toThrow(
        /denied|not allowed/,
      );
      await expect(query('root', undefined, 'SELECT 1')).rejects.toThrow(/denied|not allowed/);
      await expect(query('im_chat', undefined, 'SELECT 1')).rejects.toThrow('denied');
    });

    test('its settings are those of the file', async () => {
      const sql = `SELECT @@innodb_flush_log_at_trx_commit AS flush_log, @@sync_binlog AS sync_binlog,
      @@log_bin AS log_bin, @@ngram_token_size AS ngram, @@character_set_server AS charset,
      @@max_allowed_packet AS packet, @@time_zone AS zone`;
      expect(await query('im_chat', variables.IM_MYSQL_CHAT_PASSWORD, sql)).toEqual([
        {
          flush_log: 1,
          sync_binlog: 1,
          log_bin: 1,
          ngram: 2,
          charset: 'utf8mb4',
          packet: 64 << 20,
          zone: '+00:00',
        },
      ]);
    });
  },
);

test('a password that would need quoting is refused', async () => {
  const script = join(import.meta.dirname, 'init/2-accounts.sh');
  const env = { PATH: process.env.PATH, IM_MYSQL_USER_PASSWORD: "it's" };
  await expect(promisify(execFile)(script, { env })).rejects.toMatchObject({
    code: 1,
    stderr: 'the password of im_user must be made of letters, digits, - and _\n',
  });
});
