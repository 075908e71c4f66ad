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

/** The conversations that two people are told of each other in. */
export function noticeConversations(uid: string, other: string): string[] {
  return [directConversationId(uid, other), noticeConversationId(uid), noticeConversationId(other)];
}

/**
 * A request was made, refused or taken back: those told learn its state, so
 * that the other devices of either show it too.
 */
export function requestNotices(
  request: FriendRequestRow,
  { actorUid, tell, atMs }: { actorUid: string; tell: readonly string[]; atMs: number },
): Notice[] {
  return tell.map((uid) => ({
    conversationId: noticeConversationId(uid),
    records: [requestRecord(request, uid, actorUid, atMs)],
  }));
}

/**
 * A request became a friendship, by the one asked: the direct conversation
 * opens, and both learn of the answer and of their new friend.
 */
export function friendshipNotices(request: FriendRequestRow, atMs: number): Notice[] {
  const { from_uid: asker, to_uid: asked } = request;
  const made = (uid: string, friendUid: string): Notice => ({
    conversationId: noticeConversationId(uid),
    records: [
      requestRecord(request, uid, asked, atMs),
      record(asked, atMs, { case: 'notifyFriendAdded', value: { uid: friendUid } }),
    ],
  });
  return [
    {
      conversationId: directConversationId(asker, asked),
      records: [record(asked, atMs, { case: 'addFriendship', value: { uid: asker } })],
    },
    made(asker, asked),
    made(asked, asker),
  ];
}

/** One of two friends ended it: their conversation closes, and both learn that the other is no friend any more. */
export function removalNotices(actorUid: string, other: string, atMs: number): Notice[] {
  const lost = (uid: string, friendUid: string): Notice => ({
    conversationId: noticeConversationId(uid),
    records: [record(actorUid, atMs, { case: 'notifyFriendRemoved', value: { uid: friendUid } })],
  });
  return [
    {
      conversationId: directConversationId(actorUid, other),
      records: [record(actorUid, atMs, { case: 'removeFriendship', value: { uid: other } })],
    },
    lost(actorUid, other),
    lost(other, actorUid),
  ];
}

/** A block began or ended: only their conversation's policy moves, nobody is told. */
export function blockPolicy(blockerUid: string, uid: string, blocked: boolean, atMs: number): Notice {
  return {
    conversationId: directConversationId(blockerUid, uid),
    records: [record(blockerUid, atMs, { case: 'setBlock', value: { blockerUid, blocked } })],
  };
}

function requestRecord(request: FriendRequestRow, viewerUid: string, actorUid: string, atMs: number): Record {
  const shown = friendRequestOf(request, viewerUid);
  return record(actorUid, atMs, { case: 'notifyFriendRequest', value: { request: shown } });
}

function record(actorUid: string, atMs: number, kind: Record['kind']): Record {
  return { actorUid, at: new Date(atMs).toISOString(), kind };
}
