import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ControlRecordSchema } from '@im/common/gen/im/chat/v1/control_pb.ts';
import { directConversationId, noticeConversationId } from '@im/common/utils/conversation-id.ts';
import type { FriendRequestRow } from '../store/friend-request.ts';
import { friendRequestOf } from './friend-request.ts';

type Record = MessageInitShape<typeof ControlRecordSchema>;

/** What the log of one conversation is told. */
export interface Notice {
  conversationId: string;
  records: Record[];
}

/** The conversations that a request and what becomes of it are told in. */
export function noticeConversations(request: FriendRequestRow): string[] {
  const { from_uid: asker, to_uid: asked } = request;
  return [directConversationId(asker, asked), noticeConversationId(asker), noticeConversationId(asked)];
}

/**
 * A request was made, or refused by the one asked: both learn its state, so
 * that the other devices of either show it too.
 */
export function requestNotices(request: FriendRequestRow, actorUid: string, atMs: number): Notice[] {
  const records = [requestRecord(request, actorUid, atMs)];
  return [request.from_uid, request.to_uid].map((uid) => ({
    conversationId: noticeConversationId(uid),
    records,
  }));
}

/**
 * A request became a friendship, by the one asked: the direct conversation
 * opens, and both learn of the answer and of their new friend.
 */
export function friendshipNotices(request: FriendRequestRow, atMs: number): Notice[] {
  const { from_uid: asker, to_uid: asked } = request;
  const of = (kind: Record['kind']): Record => ({
    actorUid: asked,
    at: new Date(atMs).toISOString(),
    kind,
  });
  const answered = requestRecord(request, asked, atMs);
  return [
    {
      conversationId: directConversationId(asker, asked),
      records: [of({ case: 'addFriendship', value: { uid: asker } })],
    },
    {
      conversationId: noticeConversationId(asker),
      records: [answered, of({ case: 'notifyFriendAdded', value: { uid: asked } })],
    },
    {
      conversationId: noticeConversationId(asked),
      records: [answered, of({ case: 'notifyFriendAdded', value: { uid: asker } })],
    },
  ];
}

function requestRecord(request: FriendRequestRow, actorUid: string, atMs: number): Record {
  return {
    actorUid,
    at: new Date(atMs).toISOString(),
    kind: { case: 'notifyFriendRequest', value: { request: friendRequestOf(request) } },
  };
}
