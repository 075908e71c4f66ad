// A process that calls `up` on the folder it is told and says a line as soon as
// the server has written something: for a test that kills it then.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { up } from './commands.ts';

const [dir = ''] = process.argv.slice(2);
const given = 'given.example:1';
const env = {
  ...process.env,
  IM_TEST_MYSQL_URL: given,
  IM_TEST_REDIS_URL: given,
  IM_TEST_KAFKA_BROKERS: given,
  IM_TEST_ETCD_HOSTS: given,
  IM_TEST_SESSION_REDIS_URL: '',
};
const wrote = setInterval(() => {
  if (!statSync(join(dir, 'redis-session', 'server.log'), { throwIfNoEntry: false })?.size) return;
  clearInterval(wrote);
  console.log('{}');
}, 1);
await up({ dir, env, say: () => {} });
setInterval(() => {}, 1_000);
