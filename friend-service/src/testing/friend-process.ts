import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import {
  type AppendEventsRequest,
  AppendEventsRequestSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { FriendService } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { UserSchema } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { CallOptions } from '@im/common/rpc/types.ts';
import type { ProcessKit } from '@im/common/service/process-kit.ts';
import { startTestProcess } from '@im/common/testing/test-process.ts';
import type { FriendContext } from '../context.ts';
import { friendModule } from '../module.ts';

/** A uid that user-service does not know. */
export const UNKNOWN_UID = '404';

/** What the neighbours of a friend-service under test do, and what they were told. */
export interface Neighbours {
  usersAway: boolean;
  chatAway: boolean;
  /** What chat-service has taken, in the order it came. */
  taken: AppendEventsRequest[];
}

/** friend-service with stand-ins for the clients of its two neighbours. */
export async function startFriendProcess(options: Partial<ProcessKit> = {}) {
  const neighbours: Neighbours = { usersAway: false, chatAway: false, taken: [] };
  const module = friendModule({ users: usersClient(neighbours), chat: chatClient(neighbours) });
  const process = await startTestProcess({ modules: [[module, {}]], ...options });
  const friends = process.client(FriendService, 'api-gateway');
  return {
    process,
    friends,
    neighbours,
    /** Makes two people friends: the first asks, the second accepts. */
    async befriend(uid: string, other: string): Promise<void> {
      const { request } = await friends.createFriendRequest({ uid: other }, as(uid));
      await friends.acceptFriendRequest({ requestId: request!.requestId }, as(other));
    },
    /** What group-service learns of a user and others: who, whether a friend, whether they block the user. */
    async relations(uid: string, otherUids: string[]): Promise<[string, boolean, boolean][]> {
      const { relations } = await process
        .client(FriendService, 'group-service')
        .batchGetRelations({ uid, otherUids });
      return relations.map((each) => [each.otherUid, each.friends, each.blockedByOther]);
    },
    /** The kinds of records that a conversation's log was told, in order. */
    told: (conversationId: string) =>
      neighbours.taken
        .filter((request) => request.conversationId === conversationId)
        .flatMap((request) => request.records),
  };
}

/** Calls as a gateway does for a signed-in user. */
export function as(uid: string): CallOptions {
  return { speakFor: { kind: 'user', uid, sessionId: `session-${uid}` } };
}

function usersClient(neighbours: Neighbours): FriendContext['users'] {
  const answer = () => {
    if (neighbours.usersAway) throw new ImError('SERVICE_AWAY', 'user-service is away');
  };
  return {
    async getUser({ uid }: { uid?: string }) {
      answer();
      if (uid === UNKNOWN_UID) throw new ImError('USER_NOT_FOUND', 'there is no such user');
      return { user: { uid } };
    },
    async batchGetUsers({ uids }: { uids?: string[] }) {
      answer();
      return { users: uids?.map((uid) => create(UserSchema, { uid, nickname: `Nick ${uid}` })) };
    },
  } as unknown as FriendContext['users'];
}

function chatClient(neighbours: Neighbours): FriendContext['chat'] {
  return {
    async appendEvents(request: MessageInitShape<typeof AppendEventsRequestSchema>) {
      if (neighbours.chatAway) throw new ImError('SERVICE_AWAY', 'chat-service is away');
      neighbours.taken.push(create(AppendEventsRequestSchema, request));
      return {};
    },
  } as unknown as FriendContext['chat'];
}
