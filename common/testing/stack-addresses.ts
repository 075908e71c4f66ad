import { ASK_AT, askForStack } from './stack/asked-stack.ts';

/** Where the real servers of a test run are. Each test makes names of its own in them: schema, key prefix, topic. */
export interface StackAddresses {
  /** `mysql://root@127.0.0.1:3306`, without a schema; may create schemas and accounts. */
  readonly mysqlUrl: string;
  /** `redis://127.0.0.1:6379`, may be emptied; no persistence. */
  readonly redisUrl: string;
  /** `redis://…`, AOF always. */
  readonly sessionRedisUrl: string;
  /** `host:port`, several with commas between them. */
  readonly kafkaBrokers: string;
  /** `host:port`, several with commas between them. */
  readonly etcdHosts: string;
}

/**
 * The servers this test run was given or can start; undefined where there are
 * none. The first call of a run starts them and blocks for some seconds. Throws
 * when they are there and do not start.
 */
export function stackAddresses(env = process.env): StackAddresses | undefined {
  const folder = env[ASK_AT];
  if (folder === undefined) return givenAddresses(env);
  const { addresses, failure } = askForStack(folder);
  if (failure !== undefined) throw new Error(failure);
  return addresses;
}

/** The servers that the environment names, all of them or undefined. */
export function givenAddresses(env: NodeJS.ProcessEnv): StackAddresses | undefined {
  const { IM_TEST_MYSQL_URL, IM_TEST_REDIS_URL, IM_TEST_KAFKA_BROKERS, IM_TEST_ETCD_HOSTS } = env;
  if (!IM_TEST_MYSQL_URL || !IM_TEST_REDIS_URL || !IM_TEST_KAFKA_BROKERS || !IM_TEST_ETCD_HOSTS)
    return undefined;
  return {
    mysqlUrl: IM_TEST_MYSQL_URL,
    redisUrl: IM_TEST_REDIS_URL,
    sessionRedisUrl: env.IM_TEST_SESSION_REDIS_URL || IM_TEST_REDIS_URL,
    kafkaBrokers: IM_TEST_KAFKA_BROKERS,
    etcdHosts: IM_TEST_ETCD_HOSTS,
  };
}
