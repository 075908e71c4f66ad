/** The servers of a cluster, in the order in which they are named to people. */
export const SERVER_KINDS = ['mysql', 'redis', 'redis-session', 'kafka', 'etcd'] as const;

/** `redis` keeps nothing, `redis-session` writes each change to disk before it answers. */
export type ServerKind = (typeof SERVER_KINDS)[number];

/** What has to be there to run them. */
export const PROGRAM_KINDS = ['mysql', 'redis', 'kafka', 'etcd'] as const;

export type ProgramKind = (typeof PROGRAM_KINDS)[number];

export function programOf(kind: ServerKind): ProgramKind {
  return kind === 'redis-session' ? 'redis' : kind;
}

/** The variable of the environment that says where a server is. */
export const ADDRESS_VARIABLES: Readonly<Record<ServerKind, string>> = {
  mysql: 'IM_TEST_MYSQL_URL',
  redis: 'IM_TEST_REDIS_URL',
  'redis-session': 'IM_TEST_SESSION_REDIS_URL',
  kafka: 'IM_TEST_KAFKA_BROKERS',
  etcd: 'IM_TEST_ETCD_HOSTS',
};

/** How a server on this machine is written in its variable. */
export function addressOf(kind: ServerKind, port: number): string {
  switch (kind) {
    case 'mysql':
      return `mysql://root@127.0.0.1:${port}`;
    case 'redis':
    case 'redis-session':
      return `redis://127.0.0.1:${port}`;
    default:
      return `127.0.0.1:${port}`;
  }
}
