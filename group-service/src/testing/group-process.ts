import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import {
  type AppendEventsRequest,
  AppendEventsRequestSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { ControlRecord } from '@im/common/gen/im/chat/v1/control_pb.ts';
import type { Group, JoinPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { UserSchema } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { CallOptions } from '@im/common/rpc/types.ts';
import { startTestProcess } from '@im/common/testing/test-process.ts';
import type { GroupContext } from '../context.ts';
import { groupModule } from '../module.ts';

/** A uid that user-service does not know. */
export const UNKNOWN_UID = '404';

/** What the neighbours of a group-service under test do, and what they were told. */
export interface Neighbours {
  usersAway: boolean;
  friendsAway: boolean;
  chatAway: boolean;
  /** Those who are nobody's friends; all others are everybody's. */
  strangers: Set<string>;
  /** Those who block everybody. */
  blockers: Set<string>;
  /** What chat-service has taken, in the order it came. */
  taken: AppendEventsRequest[];
  /** Before chat-service takes something. */
  beforeTaking: () => Promise<void>;
}

/** group-service with stand-ins for the clients of its neighbours. */
export async function startGroupProcess(
  options: { now?: () => number; settings?: Record<string, unknown> } = {},
) {
  const { settings = {}, ...kit } = options;
  const neighbours: Neighbours = {
    usersAway: false,
    friendsAway: false,
    chatAway: false,
    strangers: new Set(),
    blockers: new Set(),
    taken: [],
    beforeTaking: async () => {},
  };
  const module = groupModule({
    users: usersClient(neighbours),
    friends: friendsClient(neighbours),
    chat: chatClient(neighbours),
  });
  const process = await startTestProcess({ modules: [[module, settings]], ...kit });
  const groups = process.client(GroupService, 'api-gateway');
  const told = (group: Pick<Group, 'conversationId'>): ControlRecord[] =>
    neighbours.taken
      .filter((request) => request.conversationId === group.conversationId)
      .flatMap((request) => request.records);
  return {
    process,
    groups,
    neighbours,
    /** The records that a group's log was told, in order. */
    told,
    /** The same as `[actor, case, value]`, from the record after `from` on. */
    toldSince: (group: Pick<Group, 'conversationId'>, from: number) =>
      told(group)
        .slice(from)
        .map(({ actorUid, kind }) => [actorUid, kind.case, kind.value]),
    /** A group of the first, its owner, and the others; its first admins are named again. */
    async makeGroup(
      uids: readonly string[],
      given: { admins?: string[]; joinPolicy?: JoinPolicy_Value } = {},
    ) {
      const [owner, ...memberUids] = uids;
      const { group } = await groups.createGroup({ name: '茶馆', memberUids }, as(owner!));
      const { groupId } = group!;
      for (const uid of given.admins ?? []) {
        await groups.updateMember({ groupId, uid, role: 2, updateMask: { paths: ['role'] } }, as(owner!));
      }
      if (given.joinPolicy !== undefined) {
        const updateMask = { paths: ['join_policy'] };
        await groups.updateGroup({ groupId, joinPolicy: given.joinPolicy, updateMask }, as(owner!));
      }
      return group!;
    },
    /** The members of a group with their roles, as one of them sees it. */
    async members(groupId: string, uid: string) {
      const { members } = await groups.listMembers({ groupId, pageSize: 200 }, as(uid));
      return Object.fromEntries(members.map((member) => [member.uid, member.role]));
    },
  };
}

/** Calls as a gateway does for a signed-in user. */
export function as(uid: string): CallOptions {
  return { speakFor: { kind: 'user', uid, sessionId: `session-${uid}` } };
}

/** What came of each attempt: `ok` or the reason of the refusal. */
export function outcomesOf(attempts: readonly Promise<unknown>[]): Promise<string[]> {
  return Promise.all(
    attempts.map((attempt) =>
      attempt.then(
        () => 'ok',
        (error) => error.reason,
      ),
    ),
  );
}

/** Calls as a gateway does for a program with an API key. */
export const asProgram: CallOptions = {
  speakFor: { kind: 'apiKey', keyId: 'key', scopes: ['groups'] },
};

function usersClient(neighbours: Neighbours): GroupContext['users'] {
  return {
    async batchGetUsers({ uids = [] }: { uids?: string[] }) {
      if (neighbours.usersAway) throw new ImError('SERVICE_AWAY', 'user-service is away');
      const known = uids.filter((uid) => uid !== UNKNOWN_UID);
      return { users: known.map((uid) => create(UserSchema, { uid, nickname: `Nick ${uid}` })) };
    },
  } as unknown as GroupContext['users'];
}

function friendsClient(neighbours: Neighbours): GroupContext['friends'] {
  return {
    async batchGetRelations({ otherUids = [] }: { otherUids?: string[] }) {
      if (neighbours.friendsAway) throw new ImError('SERVICE_AWAY', 'friend-service is away');
      return {
        relations: otherUids.map((otherUid) => ({
          otherUid,
          friends: !neighbours.strangers.has(otherUid),
          blockedByOther: neighbours.blockers.has(otherUid),
        })),
      };
    },
  } as unknown as GroupContext['friends'];
}

function chatClient(neighbours: Neighbours): GroupContext['chat'] {
  return {
    async appendEvents(request: MessageInitShape<typeof AppendEventsRequestSchema>) {
      await neighbours.beforeTaking();
      if (neighbours.chatAway) throw new ImError('SERVICE_AWAY', 'chat-service is away');
      neighbours.taken.push(create(AppendEventsRequestSchema, request));
      return {};
    },
  } as unknown as GroupContext['chat'];
}
