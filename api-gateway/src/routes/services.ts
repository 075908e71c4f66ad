import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { FriendService } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { GatewayService } from '@im/common/gen/im/gateway/v1/gateway_service_pb.ts';
import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { AnyService } from '@im/common/rpc/types.ts';

/** The contracts whose annotated methods are reachable over HTTP, in the order the documentation shows them. */
export const HTTP_SERVICES: readonly AnyService[] = [
  GatewayService,
  UserService,
  AuthService,
  FriendService,
  GroupService,
  ChatService,
];
