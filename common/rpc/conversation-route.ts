import type { Instance } from '../registry/registry.ts';
import { partitionOf } from '../utils/murmur2.ts';
import { rendezvousOrder } from '../utils/rendezvous.ts';

/**
 * Which instance of chat-service writes a conversation, all else being equal.
 * This is for warm caches and large batches, never for correctness: whoever
 * gets a call can serve it.
 */

/**
 * Conversations of one partition should prefer the same instance, so that its
 * batches are large: they do where the store's number of partitions is a
 * multiple of this, as by default.
 */
export const ROUTES = 64;

/** The route of a conversation, by the id it really has (not `u:<uid>`). */
export function routeOf(conversationId: string): string {
  return String(partitionOf(conversationId, ROUTES));
}

/** The route of a partition of the store. */
export function routeOfPartition(partitionId: number): string {
  return String(partitionId % ROUTES);
}

/** The instances in the order a route prefers them. Everybody who knows the same instances sees the same order. */
export function preferredInstances(route: string, instances: readonly Instance[]): Instance[] {
  return rendezvousOrder(route, instances, ({ address }) => address);
}
