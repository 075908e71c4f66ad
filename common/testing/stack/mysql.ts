import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { Command } from './gated-process.ts';
import type { Program } from './programs.ts';
import { ASK_MS, type Recipe } from './recipe.ts';
import { runToEnd } from './run-to-end.ts';
import { addressOf } from './server-kinds.ts';
import { template } from './template.ts';

/** Milliseconds to make an empty database: 3 s on two free cores. */
const INITIALIZE_MS = 120_000;

/** The account of the container images: without it root could come over the socket only. */
const ROOT_FROM_ANYWHERE = `CREATE USER 'root'@'%' IDENTIFIED BY '';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
`;

/** What the product asks for (what is committed is on disk), and small. */
const SETTINGS = [
  '--character-set-server=utf8mb4',
  '--innodb-buffer-pool-size=128M',
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-redo-log-capacity=32M',
  '--log-bin=binlog',
  '--max-connections=1000',
  '--mysqlx=OFF',
  '--ngram-token-size=2',
  // For tests that look at locks.
  '--performance-schema=ON',
  '--server-id=1',
  '--skip-name-resolve',
  '--sync-binlog=1',
];

/** In the data folder. */
export const MYSQL_SOCKET = 'mysql.sock';

/** MySQL 8 or later. */
export const mysqlRecipe: Recipe = {
  ports: 1,

  async prepare(program, dir) {
    const data = join(dir, 'data');
    if (existsSync(data)) return;
    const made = await template(program.version, (folder) => initialize(program, folder));
    // A copy that was cut short must not pass for a database.
    const partial = join(dir, 'partial');
    rmSync(partial, { recursive: true, force: true });
    await cp(join(made, 'data'), partial, { recursive: true });
    // The server makes itself a new identity.
    rmSync(join(partial, 'auto.cnf'), { force: true });
    renameSync(partial, data);
  },

  command(program, dir, [port]) {
    return mysqlOn(program, join(dir, 'data'), port as number, '--no-defaults', SETTINGS);
  },

  container: ([port]) => ({
    env: { MYSQL_ALLOW_EMPTY_PASSWORD: 'yes' },
    args: [...SETTINGS, `--port=${port}`],
  }),

  async ask(port) {
    const connection = await createConnection({ uri: addressOf('mysql', port), connectTimeout: ASK_MS });
    try {
      await connection.query({ sql: 'SELECT 1', timeout: ASK_MS });
    } finally {
      connection.destroy();
    }
  },
};

/** A server on this machine alone; `defaults` says which files of settings it reads, if any. */
export function mysqlOn(
  program: Program,
  data: string,
  port: number,
  defaults: '--no-defaults' | `--defaults-file=${string}`,
  settings: readonly string[],
): Command {
  return command(program, [
    defaults,
    ...places(program, data),
    ...settings,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    // Relative to the data folder: the whole path may be longer than a socket's name can be.
    `--socket=${MYSQL_SOCKET}`,
    '--pid-file=mysql.pid',
    '--secure-file-priv=NULL',
  ]);
}

async function initialize(program: Program, folder: string): Promise<void> {
  const init = join(folder, 'init.sql');
  writeFileSync(init, ROOT_FROM_ANYWHERE);
  await runToEnd(
    command(program, [
      '--no-defaults',
      ...places(program, join(folder, 'data')),
      ...SETTINGS,
      '--initialize-insecure',
      `--init-file=${init}`,
    ]),
    folder,
    INITIALIZE_MS,
  );
}

function places(program: Program, data: string): string[] {
  const { root } = program;
  return [
    // As root it refuses to run unless told that this is meant.
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    ...(root === undefined
      ? []
      : [
          `--lc-messages-dir=${join(root, 'usr/share/mysql')}`,
          `--character-sets-dir=${join(root, 'usr/share/mysql/charsets')}`,
          `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`,
        ]),
    `--datadir=${data}`,
  ];
}

function command({ launch }: Program, args: readonly string[]): Command {
  return { file: launch.file, args: [...launch.args, ...args], env: launch.env };
}
