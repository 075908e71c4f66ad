import { z } from 'zod';
import type { ServiceName } from './names.ts';

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
  | { readonly engine: 'kafka'; readonly brokers: readonly string[]; readonly topic: string };
export type RegistrySetting =
  | { readonly engine: 'none' }
  | { readonly engine: 'etcd'; readonly hosts: readonly string[]; readonly keyPrefix: string };

const HOST_PORT = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/@,]+):\d{1,5}$/;
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

/** `local`, or `kafka://host:9092,host:9092/topic`. */
export const busSetting = z
  .string()
  .default('local')
  .transform((text, context): BusSetting => {
    if (text === 'local') return { engine: 'local' };
    const [, list = '', topic = DEFAULT_TOPIC] = /^kafka:\/\/([^/]+)(?:\/([\w.-]+))?$/.exec(text) ?? [];
    const brokers = hostPorts(list);
    if (brokers !== undefined) return { engine: 'kafka', brokers, topic };
    return refuse(context, 'must be local or kafka://host:9092,host:9092/topic');
  });

/** `none`, or `etcd://host:2379,host:2379`; `/prefix` is put in front of every key where several systems share the servers. */
export const registrySetting = z
  .string()
  .default('none')
  .transform((text, context): RegistrySetting => {
    if (text === 'none') return { engine: 'none' };
    const [, list = '', keyPrefix = ''] = /^etcd:\/\/([^/]+)(?:\/(.*))?$/.exec(text) ?? [];
    const hosts = hostPorts(list);
    if (hosts !== undefined) return { engine: 'etcd', hosts, keyPrefix };
    return refuse(context, 'must be none or etcd://host:2379,host:2379');
  });

/** Where other processes reach this one's services; used only where there is a registry to say so. */
export const rpcSetting = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    /** 0 is a free port. */
    port: z.int().min(0).max(65_535).default(0),
    /** The `host` that others are told, where it is another one. Empty: `host`, or this machine's address where that is any. */
    advertise: z.string().default(''),
  })
  .prefault({});

export type RpcSetting = z.output<typeof rpcSetting>;

function isUrl(text: string, protocol: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === protocol && new URL(text).hostname !== '';
}

function hostPorts(list: string): string[] | undefined {
  const items = list.split(',').map((item) => item.trim());
  return items.every((item) => HOST_PORT.test(item)) ? items : undefined;
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
  rpc: { host: '127.0.0.1', port: 0, advertise: '' },
};
