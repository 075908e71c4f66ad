import type { DescService } from '@bufbuild/protobuf';
import { AuthService } from '../gen/im/auth/v1/auth_service_pb.ts';
import { ChatService } from '../gen/im/chat/v1/chat_service_pb.ts';
import { FriendService } from '../gen/im/friend/v1/friend_service_pb.ts';
import { GatewayService } from '../gen/im/gateway/v1/gateway_service_pb.ts';
import { GroupService } from '../gen/im/group/v1/group_service_pb.ts';
import { UserService } from '../gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '../gen/im/ws/v1/delivery_service_pb.ts';
import type { ServiceName } from '../service/names.ts';

/** Every contract, with the deployable service that serves it. */
export const CONTRACTS: readonly (readonly [DescService, ServiceName])[] = [
  [UserService, 'user-service'],
  [AuthService, 'auth-service'],
  [FriendService, 'friend-service'],
  [GroupService, 'group-service'],
  [ChatService, 'chat-service'],
  [GatewayService, 'api-gateway'],
  [DeliveryService, 'ws-gateway'],
];

/** The deployable service that serves a contract. A contract that nobody serves is a mistake of ours and throws. */
export function serviceOf(contract: DescService): ServiceName {
  for (const [{ typeName }, service] of CONTRACTS) if (typeName === contract.typeName) return service;
  throw new Error(`no service serves ${contract.typeName}`);
}
