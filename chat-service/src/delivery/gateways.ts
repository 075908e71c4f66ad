import type { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { DeviceLocation, DeviceLocations } from '@im/common/presence/device-locations.ts';
import type { InstanceList } from '@im/common/registry/registry.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { createGatewayStream, type GatewayStream, type PushInit } from './gateway-stream.ts';

/** What to show to whom: to users, or to whoever a gateway finds in its own index. */
export type Delivery =
  | { readonly uids: readonly string[]; readonly frame: PushInit['frame'] }
  | { readonly toAll: PushInit['frame'] };

type Locations = ReadonlyMap<string, readonly DeviceLocation[]>;

/** Hands frames to the gateways that hold the devices of their recipients, or to all of them. */
export interface Gateways {
  /** Never rejects: where the devices cannot be found, all gateways see a gap. */
  deliver(deliveries: readonly Delivery[]): Promise<void>;
  /** Those of these users who have a device connected; all of them when that cannot be found out. */
  connected(uids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Something for anybody may have been lost: all gateways see a gap, those never spoken to as well. */
  loseAll(): void;
  close(): Promise<void>;
}

export function createGateways(options: {
  locations: DeviceLocations;
  /** The gateways that are there. */
  instances: Pick<InstanceList, 'current' | 'onChange'>;
  client: RpcClient<typeof DeliveryService>;
  senderBootId: string;
  log: Logger;
}): Gateways {
  const { locations, instances, log } = options;
  const streams = new Map<string, GatewayStream>();
  /** A gateway that is spoken to for the first time may have missed something that was lost or went to all. */
  let missedByNew = false;

  function streamTo(gatewayBootId: string): GatewayStream {
    const known = streams.get(gatewayBootId);
    if (known) return known;
    const stream = createGatewayStream({ ...options, gatewayBootId });
    streams.set(gatewayBootId, stream);
    if (missedByNew) stream.lose();
    return stream;
  }

  const onList = () => instances.current().flatMap(({ bootId }) => (bootId === undefined ? [] : [bootId]));

  /** Those on the list, and those that the list does not show yet but that answer. */
  function everyGateway(): string[] {
    const answering = [...streams].flatMap(([bootId, { isGone }]) => (isGone ? [] : [bootId]));
    return [...new Set([...onList(), ...answering])];
  }

  async function find(uids: readonly string[]): Promise<Locations | undefined> {
    try {
      return await locations.find(uids);
    } catch (error) {
      log.warn({ err: error }, 'devices cannot be found');
      return undefined;
    }
  }

  function loseAll(): void {
    const known = [...streams.values()];
    for (const stream of known) stream.lose();
    // The list may be late, so gateways that are not on it are shown the gap when they are first spoken to.
    missedByNew = true;
    onList().forEach(streamTo);
  }

  let listed = new Set(onList());
  /** Were on the list, and are not: meanwhile their devices are not found, and nothing that is lost uses up a number. */
  const gone = new Set<string>();

  const endWatch = instances.onChange(() => {
    const now = new Set(onList());
    for (const bootId of listed) if (!now.has(bootId)) gone.add(bootId);
    for (const bootId of now) if (gone.delete(bootId)) streamTo(bootId).lose();
    listed = now;
    // At once, while it has few sockets: each of them will sync.
    if (missedByNew) onList().forEach(streamTo);
  });

  return {
    async deliver(deliveries) {
      const uids = [...new Set(deliveries.flatMap((each) => ('uids' in each ? each.uids : [])))];
      const found = uids.length === 0 ? new Map() : await find(uids);
      if (found === undefined) {
        loseAll();
        return;
      }
      const toAll = deliveries.some((each) => 'toAll' in each);
      const all = toAll ? everyGateway() : [];
      for (const [gateway, pushes] of pushesByGateway(deliveries, found, all)) streamTo(gateway).push(pushes);
      missedByNew ||= toAll;
    },
    async connected(uids) {
      return new Set((await find(uids))?.keys() ?? uids);
    },
    loseAll,
    async close() {
      endWatch();
      await Promise.all([...streams.values()].map((stream) => stream.close()));
    },
  };
}

function pushesByGateway(
  deliveries: readonly Delivery[],
  found: Locations,
  all: readonly string[],
): Map<string, PushInit[]> {
  const byGateway = new Map<string, PushInit[]>();
  function add(gateway: string, push: PushInit): void {
    const pushes = byGateway.get(gateway);
    if (pushes) pushes.push(push);
    else byGateway.set(gateway, [push]);
  }
  for (const delivery of deliveries) {
    if ('toAll' in delivery) {
      for (const gateway of all) add(gateway, { frame: delivery.toAll });
      continue;
    }
    const { uids, frame } = delivery;
    for (const [gateway, connectionIds] of connectionsByGateway(uids, found)) {
      add(gateway, { connectionIds, frame });
    }
  }
  return byGateway;
}

function connectionsByGateway(uids: readonly string[], found: Locations): Map<string, string[]> {
  const connections = new Map<string, string[]>();
  for (const uid of uids) {
    for (const { gatewayBootId, connectionId } of found.get(uid) ?? []) {
      const ids = connections.get(gatewayBootId);
      if (ids) ids.push(connectionId);
      else connections.set(gatewayBootId, [connectionId]);
    }
  }
  return connections;
}
