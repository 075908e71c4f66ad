import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type GetConfigRequest,
  type GetConfigResponseSchema,
  Registration_Value,
} from '@im/common/gen/im/gateway/v1/gateway_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { GatewayContext } from '../context.ts';

/** What a client needs to know before it signs in. UNAVAILABLE while user- or chat-service is away. */
export async function getConfig(
  gateway: GatewayContext,
  _request: GetConfigRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof GetConfigResponseSchema>> {
  const [registration, store] = await Promise.all([
    gateway.user.getRegistration({}, { within: ctx }),
    gateway.chat.getStore({}, { within: ctx }),
  ]);
  return {
    socketUrl: gateway.socketUrl(),
    registration: registration.open ? Registration_Value.OPEN : Registration_Value.CLOSED,
    maxUploadBytes: String(gateway.config.maxUploadBytes),
    serverVersion: gateway.version,
    epoch: store.epoch,
  };
}
