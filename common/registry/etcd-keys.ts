/**
 * The layout in etcd. `<service key>/<leaseId>` → `host:port` is go-zero's; beside
 * it our own instances say under `<service key>.boot/<bootId>` → `host:port` which
 * process answers at that address. Services of go-zero read the prefix
 * `<service key>/` only, so they never see the second kind.
 */
export interface EtcdKeys {
  addressKey(leaseId: string): string;
  bootKey(bootId: string): string;
  /** Both kinds lie in one range, so that one read and one watch see them at the same revision. */
  readonly rangeStart: string;
  readonly rangeEnd: string;
  /** What a key of the range is about; undefined for a stranger's. */
  parse(key: string): { kind: 'address' } | { kind: 'boot'; bootId: string } | undefined;
}

export function etcdKeys(serviceKey: string): EtcdKeys {
  const addresses = `${serviceKey}/`;
  const boots = `${serviceKey}.boot/`;
  return {
    addressKey: (leaseId) => addresses + leaseId,
    bootKey: (bootId) => boots + bootId,
    // '.' is before '/', and '0' is what follows '/'.
    rangeStart: boots,
    rangeEnd: `${serviceKey}0`,
    parse(key) {
      if (key.startsWith(addresses)) return { kind: 'address' };
      if (key.startsWith(boots)) return { kind: 'boot', bootId: key.slice(boots.length) };
      return undefined;
    },
  };
}
