import { isAbsolute } from 'node:path';
import { z } from 'zod';
import type { ServiceName } from './names.ts';
import { type Login, serverListOf } from './server-list.ts';

/**
 * Where the parts that have two adapters are: one word for the adapter that
 * needs no server, or the address of the server. A URL holds its password, so
 * it belongs in the environment (`IM_DATABASE`, `IM_CACHE`, …).
 */

export type DatabaseSetting =
  | { readonly engine: 'sqlite' }
  | { readonly engine: 'mysql'; readonly url: string };
export interface RedisSetting {
  readonly engine: 'redis';
  readonly url: string;
  /** In front of every key. */
  readonly keyPrefix: string;
}
export type CacheSetting = { readonly engine: 'memory' } | RedisSetting;
export type BusSetting =
  | { readonly engine: 'local' }
  | ({ readonly engine: 'kafka'; readonly brokers: readonly string[]; readonly topic: string } & Access);
export type RegistrySetting =
  | { readonly engine: 'none' }
  | ({ readonly engine: 'etcd'; readonly hosts: readonly string[]; readonly keyPrefix: string } & Access);

/** How a server is spoken to. */
interface Access {
  /** Its certificate is checked against Node's authorities and those of NODE_EXTRA_CA_CERTS. */
  readonly tls: boolean;
  readonly login: Login | undefined;
}

const TOPIC = /^[\w.-]*$/;
const DEFAULT_TOPIC = 'im.events';
const DEFAULT_KEY_PREFIX = 'im:';

/** `sqlite`, or `mysql://user:password@host:3306/schema`. */
export const databaseSetting = z
  .string()
  .default('sqlite')
  .transform((text, context): DatabaseSetting => {
    if (text === 'sqlite') return { engine: 'sqlite' };
    if (isUrl(text, 'mysql:') && new URL(text).pathname.length > 1) return { engine: 'mysql', url: text };
    return refuse(context, 'must be sqlite or mysql://user:password@host:3306/schema');
  });

/** `memory`, or `redis://:password@host:6379`; `?prefix=` is put in front of every key where several systems share the server. */
export const cacheSetting = z
  .string()
  .default('memory')
  .transform((text, context): CacheSetting => {
    if (text === 'memory') return { engine: 'memory' };
    return redisSettingOf(text) ?? refuse(context, 'must be memory or redis://:password@host:6379');
  });

/** `redis://:password@host:6379?prefix=im:` taken apart; undefined for anything else. */
export function redisSettingOf(text: string): RedisSetting | undefined {
  if (!isUrl(text, 'redis:') && !isUrl(text, 'rediss:')) return undefined;
  const url = new URL(text);
  const keyPrefix = url.searchParams.get('prefix') ?? DEFAULT_KEY_PREFIX;
  url.search = '';
  return { engine: 'redis', url: url.href, keyPrefix };
}

/** `local`, or `kafka://host:9092,host:9092/topic`; `kafkas://` over TLS; `user:password@` in front of the hosts where Kafka asks for it. */
export const busSetting = z
  .string()
  .default('local')
  .transform((text, context): BusSetting => {
    if (text === 'local') return { engine: 'local' };
    const list = serverListOf(text, 'kafka');
    if (list === undefined || !TOPIC.test(list.path))
      return refuse(context, 'must be local or kafka[s]://[user:password@]host:9092,host:9092/topic');
    const { hosts, path, tls, login } = list;
    return { engine: 'kafka', brokers: hosts, topic: path || DEFAULT_TOPIC, tls, login };
  });

/** `none`, or `etcd://host:2379,host:2379`, `etcds://` over TLS, with `user:password@` as above; `/prefix` is put in front of every key where several systems share the servers. */
export const registrySetting = z
  .string()
  .default('none')
  .transform((text, context): RegistrySetting => {
    if (text === 'none') return { engine: 'none' };
    const list = serverListOf(text, 'etcd');
    if (list === undefined)
      return refuse(context, 'must be none or etcd[s]://[user:password@]host:2379,host:2379');
    const { hosts, path, tls, login } = list;
    return { engine: 'etcd', hosts, keyPrefix: path, tls, login };
  });

/** A file's place, the same from any working directory. */
const file = z
  .string()
  .default('')
  .refine((path) => path === '' || isAbsolute(path), 'must be an absolute path');

/** PEM files that the services prove themselves to each other with; all three, or none: then nothing is encrypted. */
const rpcTlsSetting = z
  .strictObject({
    /** The authority that signed the certificates of all services. */
    ca: file,
    cert: file,
    /** Secret. */
    key: file,
    /** The name that every service's certificate holds, where they do not hold their addresses. */
    serverName: z.string().default(''),
  })
  .refine(
    ({ ca, cert, key }) => (ca === '') === (cert === '') && (cert === '') === (key === ''),
    'needs ca, cert and key, all three or none',
  )
  .prefault({});

export type RpcTlsSetting = z.output<typeof rpcTlsSetting>;

/** Where other processes reach this one's services; used only where there is a registry to say so. */
export const rpcSetting = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    /** 0 is a free port. */
    port: z.int().min(0).max(65_535).default(0),
    /** The `host` that others are told, where it is another one. Empty: `host`, or this machine's address where that is any. */
    advertise: z.string().default(''),
    tls: rpcTlsSetting,
  })
  .prefault({});

export type RpcSetting = z.output<typeof rpcSetting>;

function isUrl(text: string, protocol: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === protocol && new URL(text).hostname !== '';
}

// The value is not told: it may hold a password.
function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/** All of it for one process. Every service may have a database of its own. */
export interface PortSettings {
  readonly databases: Readonly<Partial<Record<ServiceName, DatabaseSetting>>>;
  readonly cache: CacheSetting;
  readonly bus: BusSetting;
  readonly registry: RegistrySetting;
  readonly rpc: RpcSetting;
}

/** Everything in this process and its data folder. */
export const NO_SERVERS: PortSettings = {
  databases: {},
  cache: { engine: 'memory' },
  bus: { engine: 'local' },
  registry: { engine: 'none' },
  rpc: rpcSetting.parse(undefined),
};
