import type { Registry as Metrics } from 'prom-client';
import { unlessAborted } from '../rpc/unless-aborted.ts';
import type { ServiceName } from '../service/names.ts';
import type { Logger } from '../telemetry/log.ts';
import { type EtcdOptions, openEtcd } from './etcd-client.ts';
import { createEtcdEntry, type EtcdEntry } from './etcd-entry.ts';
import { type EtcdFollow, followInEtcd } from './etcd-follow.ts';
import { etcdKeys } from './etcd-keys.ts';
import { createInstanceList } from './instance-list.ts';
import type { InstanceList, Registry } from './registry.ts';
import { showRegistry } from './registry-metrics.ts';
import { serviceKeyOf } from './service-keys.ts';

export interface EtcdRegistryOptions extends EtcdOptions {
  log: Logger;
  /** Of the process. */
  metrics: Metrics;
  /** In front of every key, for several systems on one etcd; '' if left out, as go-zero has it. */
  keyPrefix?: string;
  /** How often a followed service is read beside being watched, in milliseconds; a seam for tests. */
  rereadMs?: number;
}

/**
 * The registry in etcd, in go-zero's format, so that its services and these find
 * each other. Limit: an instance that dies is seen for up to 10 s more, or
 * for 10 s after etcd itself was away.
 */
export function createEtcdRegistry(options: EtcdRegistryOptions): Registry {
  const { log, keyPrefix = '' } = options;
  const etcd = openEtcd(options);
  const clock = () => performance.now();
  const follows = new Map<ServiceName, EtcdFollow>();
  const entries = new Set<EtcdEntry>();
  const metrics = showRegistry(options.metrics, follows, clock);

  function keysOf(service: ServiceName) {
    const key = serviceKeyOf(service);
    return key === undefined ? undefined : etcdKeys(keyPrefix + key);
  }

  return {
    follow(service) {
      const known = follows.get(service);
      if (known !== undefined) return known.list;
      const keys = keysOf(service);
      if (keys === undefined) return nobody();
      const follow = followInEtcd({
        etcd,
        keys,
        log: log.child({ target: service }),
        clock,
        rereadMs: options.rereadMs,
      });
      follows.set(service, follow);
      return follow.list;
    },
    async register(service, instance, signal) {
      const keys = keysOf(service);
      if (keys === undefined) return { revoke: async () => {} };
      signal?.throwIfAborted();
      const onPutBack = () => metrics.putBack(service);
      const entry = createEtcdEntry({ etcd, keys, instance, log: log.child({ service }), onPutBack });
      entries.add(entry);
      const registration = {
        async revoke() {
          entries.delete(entry);
          await entry.revoke();
        },
      };
      try {
        await (signal === undefined ? entry.stored : unlessAborted(entry.stored, signal));
      } catch (error) {
        await registration.revoke();
        throw error;
      }
      return registration;
    },
    async reachable() {
      await etcd.kv.range({ key: Buffer.from(`${keyPrefix}reachable`), count_only: true });
    },
    async close() {
      await Promise.all([...entries].map((entry) => entry.revoke()));
      // The client first: it ends the reads that are under way.
      etcd.close();
      await Promise.all([...follows.values()].map((follow) => follow.close()));
    },
  };
}

function nobody(): InstanceList {
  const list = createInstanceList();
  list.set([]);
  return list;
}
