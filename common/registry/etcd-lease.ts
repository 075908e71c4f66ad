import type { Etcd3 } from 'etcd3';
import { ETCD_CALL_MS } from './etcd-client.ts';

/** How long an entry outlives its instance, in seconds; go-zero's number. */
export const LEASE_SECONDS = 10;

/** A new lease; its id in decimal. */
export async function grantLease(etcd: Etcd3): Promise<string> {
  const { ID } = await etcd.leaseClient.leaseGrant({ TTL: LEASE_SECONDS });
  return ID;
}

/**
 * Renews a lease; false when etcd does not have it any more. On a stream of its
 * own each time, which has a deadline: a lasting one has to be watched for
 * silence, ends with its connection and is no cheaper at a beat in seconds.
 */
export async function renewLease(etcd: Etcd3, leaseId: string): Promise<boolean> {
  const stream = await etcd.leaseClient.leaseKeepAlive({ deadline: Date.now() + ETCD_CALL_MS });
  try {
    return await new Promise<boolean>((resolve, reject) => {
      stream.on('data', ({ TTL }) => resolve(TTL !== '0'));
      stream.on('error', reject);
      stream.on('end', () => reject(new Error('etcd ended the stream without an answer')));
      stream.write({ ID: leaseId });
    });
  } finally {
    stream.end();
  }
}

/** Deletes a lease and its keys; one that is gone is fine. */
export async function revokeLease(etcd: Etcd3, leaseId: string): Promise<void> {
  await etcd.leaseClient.leaseRevoke({ ID: leaseId }).catch((error: Error) => {
    if (error.name !== 'EtcdLeaseInvalidError' && !error.message.includes('lease not found')) throw error;
  });
}
