import { accessSync, constants, readdirSync, rmdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Command } from '@im/common/testing/stack/gated-process.ts';
import { MYSQL_SOCKET, mysqlOn, mysqlRecipe } from '@im/common/testing/stack/mysql.ts';
import { runToEnd } from '@im/common/testing/stack/run-to-end.ts';
import { untilReady } from '@im/common/testing/stack/until-ready.ts';
import { type Connection, createConnection } from 'mysql2/promise';
import {
  addClient,
  type Container,
  type Image,
  mounted,
  programOf,
  type Running,
  requireKnown,
} from './image.ts';

const PORT = 3306;
const DATA = '/var/lib/mysql';
/** Where the image looks for settings, and for what to do in a new volume. */
const SETTINGS = '/etc/mysql/conf.d/im.cnf';
const INIT = '/docker-entrypoint-initdb.d';
/** Milliseconds for one file of the latter. */
const INIT_MS = 60_000;

/** Runs with the settings that are mounted; a new volume gets its root account and what the files for it make. */
export const mysqlImage: Image = async (container) => {
  const { service, dir, terms, command } = container;
  requireKnown(container, 'MYSQL_', ['MYSQL_ROOT_PASSWORD', 'MYSQL_ROOT_HOST']);
  if (command.length > 0) throw new Error(`${service.name} must run what its image runs`);
  if (service.environment.MYSQL_ROOT_HOST !== 'localhost')
    throw new Error(`${service.name}: root must come from localhost alone`);
  const program = programOf('mysql');
  const data = mounted(container, DATA);
  // The recipe makes it whole or not at all.
  rmdirSync(data);
  await mysqlRecipe.prepare(program, dir, [PORT]);
  addClient(dir, 'mysql', { LOCAL_PORT: String(terms.port(PORT)), LOCAL_SOCKET: join(data, MYSQL_SOCKET) });
  return {
    command: mysqlOn(program, data, terms.port(PORT), `--defaults-file=${mounted(container, SETTINGS)}`, []),
    cwd: dir,
    isServer: true,
    initialize: (run) => initialize(container, run),
  };
};

async function initialize(container: Container, run: Running): Promise<void> {
  const { service, dir, env } = container;
  const password = env.MYSQL_ROOT_PASSWORD ?? '';
  if (password === '') throw new Error(`${service.name} has no MYSQL_ROOT_PASSWORD`);
  await setRootPassword(join(mounted(container, DATA), MYSQL_SOCKET), password, run);
  const init = mounted(container, INIT);
  for (const name of readdirSync(init).sort()) {
    const command = { ...commandFor(join(init, name)), env: { ...run.env, MYSQL_PWD: password }, bare: true };
    await runToEnd(command, dir, INIT_MS);
  }
}

/** Root as the image makes it, out of what a new data folder has here: one without a password, from anywhere. */
async function setRootPassword(socketPath: string, password: string, run: Running): Promise<void> {
  let root: Connection | undefined;
  const connect = async () => {
    root = await createConnection({ socketPath, user: 'root' });
  };
  await untilReady('mysql', connect, run.hasEnded, run.logFile);
  await root?.query("ALTER USER 'root'@'localhost' IDENTIFIED BY ?", [password]);
  await root?.query("DROP USER 'root'@'%'");
  await root?.end();
}

/** As the image treats what it finds there; with the password of root in MYSQL_PWD. */
function commandFor(file: string): Command {
  switch (extname(file)) {
    case '.sql':
      return { file: '/bin/sh', args: ['-c', 'mysql --user=root <"$1"', 'sh', file] };
    case '.sh':
      return isExecutable(file)
        ? { file, args: [] }
        : { file: 'bash', args: ['-e', '-c', '. "$1"', 'bash', file] };
    default:
      throw new Error(`what the image does with ${file} is not known here`);
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
