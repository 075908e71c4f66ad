import { apiGateway } from '@im/api-gateway';
import { authModule as authService } from '@im/auth-service';
import { chatService } from '@im/chat-service';
import { friendService } from '@im/friend-service';
import { groupService } from '@im/group-service';
import { userService } from '@im/user-service';
import { wsGateway } from '@im/ws-gateway';

/** Every service there is to run. */
export const MODULES = [
  userService,
  authService,
  friendService,
  groupService,
  chatService,
  apiGateway,
  wsGateway,
] as const;

export type ModuleName = (typeof MODULES)[number]['name'];
