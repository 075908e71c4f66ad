import type { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { DeviceLocation, DeviceLocations } from '@im/common/presence/device-locations.ts';
import type { InstanceList } from '@im/common/registry/registry.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { createGatewayStream, type GatewayStream, type PushInit } from './gateway-stream.ts';

/** What to show to whom. */
export interface Delivery {
  readonly uids: readonly string[];
  readonly frame: PushInit['frame'];
}

type Locations = ReadonlyMap<string, readonly DeviceLocation[]>;

/** Hands frames to the gateways that hold the devices of their recipients. */
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
  instances: Pick<InstanceList, 'current'>;
  client: RpcClient<typeof DeliveryService>;
  senderBootId: string;
  log: Logger;
}): Gateways {
  const { locations, instances, log } = options;
  const streams = new Map<string, GatewayStream>();
  /** Something was lost that a gateway not spoken to yet may have been meant to get. */
  let lostBefore = false;

  function streamTo(gatewayBootId: string): GatewayStream {
    const known = streams.get(gatewayBootId);
    if (known) return known;
    const stream = createGatewayStream({ ...options, gatewayBootId });
    streams.set(gatewayBootId, stream);
    if (lostBefore) stream.lose();
    return stream;
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
    lostBefore = true;
    for (const { bootId } of instances.current()) if (bootId !== undefined) streamTo(bootId);
  }

  return {
    async deliver(deliveries) {
      const uids = [...new Set(deliveries.flatMap((delivery) => delivery.uids))];
      if (uids.length === 0) return;
      const found = await find(uids);
      if (found === undefined) {
        loseAll();
        return;
      }
      for (const [gateway, pushes] of pushesByGateway(deliveries, found)) streamTo(gateway).push(pushes);
    },
    async connected(uids) {
      return new Set((await find(uids))?.keys() ?? uids);
    },
    loseAll,
    async close() {
      await Promise.all([...streams.values()].map((stream) => stream.close()));
    },
  };
}

function pushesByGateway(deliveries: readonly Delivery[], found: Locations): Map<string, PushInit[]> {
  const byGateway = new Map<string, PushInit[]>();
  for (const { uids, frame } of deliveries) {
    for (const [gateway, connectionIds] of connectionsByGateway(uids, found)) {
      const pushes = byGateway.get(gateway);
      if (pushes) pushes.push({ connectionIds, frame });
      else byGateway.set(gateway, [{ connectionIds, frame }]);
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
