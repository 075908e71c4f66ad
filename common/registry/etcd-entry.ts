import { type Etcd3, EtcdLeaseInvalidError, type ICompare } from 'etcd3';
import type { Logger } from '../telemetry/log.ts';
import { delay, within } from '../utils/wait.ts';
import type { EtcdKeys } from './etcd-keys.ts';
import { grantLease, LEASE_SECONDS, renewLease, revokeLease } from './etcd-lease.ts';
import type { Instance, Registration } from './registry.ts';

/** Four times in the life of a lease, so that two in a row may fail. Milliseconds. */
const BEAT_MS = (LEASE_SECONDS * 1000) / 4;
/** After a beat that failed; milliseconds. */
const RETRY_MS = 500;
/** How long giving up the lease may take; milliseconds. It expires by itself. */
const REVOKE_MS = 1_000;

export interface EtcdEntryOptions {
  etcd: Etcd3;
  keys: EtcdKeys;
  instance: Instance;
  log: Logger;
  /** Told each time the entry was found lost and is in etcd again. */
  onPutBack: () => void;
}

/** An instance's entry in etcd, which is looked after until it is revoked. */
export interface EtcdEntry extends Registration {
  /** Resolves when it is in etcd for the first time. */
  readonly stored: Promise<void>;
}

/**
 * Each beat renews the lease and makes sure that the keys are there: a lease that
 * expired during a pause, an etcd that came back empty and a key that somebody
 * deleted are all found within one beat.
 */
export function createEtcdEntry(options: EtcdEntryOptions): EtcdEntry {
  const { etcd, keys, instance, log, onPutBack } = options;
  const stored = Promise.withResolvers<void>();
  const ending = new AbortController();
  let leaseId: string | undefined;
  let everStored = false;

  async function beat(): Promise<void> {
    if (leaseId !== undefined && !(await renewLease(etcd, leaseId))) leaseId = undefined;
    leaseId ??= await grantLease(etcd);
    const wasThere = await putUnlessThere(etcd, keys, instance, leaseId);
    if (wasThere) return;
    if (everStored) {
      log.warn({ address: instance.address }, 'etcd had lost the entry of this instance; it is back');
      onPutBack();
    }
    everStored = true;
    stored.resolve();
  }

  async function look(): Promise<void> {
    let failing = false;
    while (!ending.signal.aborted) {
      try {
        await beat();
        failing = false;
      } catch (error) {
        if (error instanceof EtcdLeaseInvalidError) leaseId = undefined;
        if (!failing) log.warn({ err: error }, 'etcd does not take the entry of this instance; trying on');
        failing = true;
      }
      await delay(failing ? RETRY_MS : BEAT_MS, ending.signal).catch(() => {});
    }
    // Here, so that a lease granted while the end was asked for does not stay behind.
    if (leaseId !== undefined) await revokeLease(etcd, leaseId);
  }
  const looking = look().catch((error) =>
    log.warn({ err: error }, 'the entry could not be taken out of etcd; it expires by itself'),
  );

  return {
    stored: stored.promise,
    async revoke() {
      ending.abort();
      await within(looking, REVOKE_MS);
    },
  };
}

/** Writes the keys in one transaction; true when they were there already, with this value and under this lease. */
async function putUnlessThere(
  etcd: Etcd3,
  keys: EtcdKeys,
  { address, bootId }: Instance,
  leaseId: string,
): Promise<boolean> {
  const names = [keys.addressKey(leaseId), ...(bootId === undefined ? [] : [keys.bootKey(bootId)])];
  const value = Buffer.from(address);
  const { succeeded } = await etcd.kv.txn({
    compare: names.map(Buffer.from).flatMap((key): ICompare[] => [
      { key, target: 'Value', result: 'Equal', value },
      { key, target: 'Lease', result: 'Equal', lease: leaseId },
    ]),
    success: [],
    failure: names.map((name) => ({ request_put: { key: Buffer.from(name), value, lease: leaseId } })),
  });
  return succeeded;
}
