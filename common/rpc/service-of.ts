import type { DescService } from '@bufbuild/protobuf';
import type { ServiceName } from '../service/names.ts';

const SERVICE_OF: Readonly<Record<string, ServiceName>> = {
  'im.user.v1.UserService': 'user-service',
  'im.auth.v1.AuthService': 'auth-service',
  'im.friend.v1.FriendService': 'friend-service',
  'im.group.v1.GroupService': 'group-service',
  'im.chat.v1.ChatService': 'chat-service',
  'im.gateway.v1.GatewayService': 'api-gateway',
  'im.ws.v1.DeliveryService': 'ws-gateway',
};

/** The deployable service that serves a contract. A contract that nobody serves is a mistake of ours and throws. */
export function serviceOf(contract: DescService): ServiceName {
  const service = SERVICE_OF[contract.typeName];
  if (service === undefined) throw new Error(`no service serves ${contract.typeName}`);
  return service;
}
