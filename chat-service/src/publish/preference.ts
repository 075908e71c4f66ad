import type { InstanceList } from '@im/common/registry/registry.ts';
import { preferredInstances, routeOfPartition } from '@im/common/rpc/conversation-route.ts';

/** Whether this instance is the one that a partition's calls go to. Also where nobody is known to be. */
export function createPreference(
  instances: InstanceList,
  ownBootId: string,
): (partitionId: number) => boolean {
  return (partitionId) => {
    const [preferred] = preferredInstances(routeOfPartition(partitionId), instances.current());
    return preferred === undefined || preferred.bootId === ownBootId;
  };
}
