import type { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { DeviceLocations } from '@im/common/presence/device-locations.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { createGatewayStream, type GatewayStream, type PushInit } from './gateway-stream.ts';

/** What to show to whom. */
export interface Delivery {
  readonly uids: readonly string[];
  readonly frame: PushInit['frame'];
}

/** Hands frames to the gateways that hold the devices of their recipients. */
export interface Gateways {
  deliver(deliveries: readonly Delivery[]): Promise<void>;
  close(): Promise<void>;
}

export function createGateways(options: {
  locations: DeviceLocations;
  client: RpcClient<typeof DeliveryService>;
  senderBootId: string;
  log: Logger;
}): Gateways {
  const streams = new Map<string, GatewayStream>();

  function streamTo(gatewayBootId: string): GatewayStream {
    const stream = streams.get(gatewayBootId) ?? createGatewayStream({ ...options, gatewayBootId });
    streams.set(gatewayBootId, stream);
    return stream;
  }

  return {
    async deliver(deliveries) {
      const uids = [...new Set(deliveries.flatMap((delivery) => delivery.uids))];
      if (uids.length === 0) return;
      const found = await options.locations.find(uids);
      const byGateway = new Map<string, PushInit[]>();
      for (const { uids: recipients, frame } of deliveries) {
        for (const [gateway, connectionIds] of connectionsByGateway(recipients, found)) {
          const pushes = byGateway.get(gateway) ?? [];
          pushes.push({ connectionIds, frame });
          byGateway.set(gateway, pushes);
        }
      }
      for (const [gateway, pushes] of byGateway) streamTo(gateway).push(pushes);
    },
    async close() {
      await Promise.all([...streams.values()].map((stream) => stream.close()));
    },
  };
}

function connectionsByGateway(
  uids: readonly string[],
  found: Awaited<ReturnType<DeviceLocations['find']>>,
): Map<string, string[]> {
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
