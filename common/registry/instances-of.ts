import type { IKeyValue } from 'etcd3';
import type { EtcdKeys } from './etcd-keys.ts';
import type { Instance } from './registry.ts';

/**
 * The instances that the entries of a range tell of. Of two processes at one
 * address, of which the older has died and not expired yet, the newer counts.
 */
export function instancesOf(keys: EtcdKeys, entries: Iterable<IKeyValue>): Instance[] {
  const addresses = new Set<string>();
  const boots = new Map<string, { bootId: string; revision: number }>();
  for (const { key, value, create_revision } of entries) {
    const parsed = keys.parse(key.toString());
    const address = value.toString();
    if (parsed?.kind === 'address') addresses.add(address);
    if (parsed?.kind !== 'boot') continue;
    const revision = Number(create_revision);
    if (revision > (boots.get(address)?.revision ?? -1))
      boots.set(address, { bootId: parsed.bootId, revision });
  }
  return [...addresses].map((address) => ({ address, bootId: boots.get(address)?.bootId }));
}
