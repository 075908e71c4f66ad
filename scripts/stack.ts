// The real MySQL, Redis (two), Kafka and etcd as processes of this machine, for
// development and tests.
import { join, resolve } from 'node:path';
import { describeError } from '@im/common/errors/describe-error.ts';
import { ADDRESS_VARIABLES, SERVER_KINDS } from '@im/common/testing/stack/server-kinds.ts';
import { down, type StackFolder, status, up } from './stack/commands.ts';
import { fetchPrograms } from './stack/fetch.ts';

const USAGE = `Usage: npm run stack -- <command>

  up      starts MySQL, two Redis, Kafka and etcd on free ports of 127.0.0.1 and
          prints where they are, as lines for a shell; those that run stay as
          they are, those given by IM_TEST_MYSQL_URL, IM_TEST_REDIS_URL,
          IM_TEST_SESSION_REDIS_URL, IM_TEST_KAFKA_BROKERS, IM_TEST_ETCD_HOSTS are taken
  down    stops them; their data stay in .stack/
  status  says which run, and where
  fetch   downloads what is neither installed nor in the cache
          (IM_STACK_CACHE, or im-backend/stack in XDG_CACHE_HOME or ~/.cache)

  compose-check [--run <command>] [--env <file>] [--scale <service>=<count>]
          runs deploy/docker-compose.yaml without a container engine: real servers and
          the services as processes of this machine, with the commands, settings and
          health checks of the file; then <command>, with IM_HTTP_URL, IM_WS_URL and
          IM_ADMIN_KEY, whose exit code it leaves with. Without one all stay until
          Ctrl-C. The secrets are new ones, or those of --env deploy/.env
`;

const folder: StackFolder = {
  dir: resolve(join(import.meta.dirname, '..', '.stack')),
  env: process.env,
  // What a shell is to read stands on stdout alone.
  say: (line) => console.error(line),
};

const commands: Record<string, () => unknown> = {
  async up() {
    const addresses = await up(folder);
    for (const kind of SERVER_KINDS)
      console.log(`export ${ADDRESS_VARIABLES[kind]}='${addresses[kind].replaceAll("'", "'\\''")}'`);
  },
  down: () => down(folder),
  status: () => status({ ...folder, say: console.log }),
  fetch: () => fetchPrograms(folder.say),
  async 'compose-check'() {
    // Here, because it loads every service, which the others can do without.
    const { composeCheck, readComposeArgs } = await import('./stack/compose/compose-check.ts');
    const leaving = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => leaving.abort(new Error(`told to leave by ${signal}`)));
    const { say } = folder;
    process.exitCode = await composeCheck({ ...readComposeArgs(rest), signal: leaving.signal, say });
  },
};

const [name = '', ...rest] = process.argv.slice(2);
const command = rest.length === 0 || name === 'compose-check' ? commands[name] : undefined;
if (command === undefined) {
  const asked = name === '--help' || name === 'help';
  (asked ? process.stdout : process.stderr).write(USAGE);
  process.exit(asked ? 0 : 1);
}
try {
  await command();
} catch (error) {
  console.error(describeError(error));
  process.exit(1);
}
// Servers that go on hold nothing here, but a connection that asked one of them might.
process.exit();
