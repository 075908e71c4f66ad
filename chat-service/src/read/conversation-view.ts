import { create } from '@bufbuild/protobuf';
import {
  ConversationKind_Value,
  type SyncedConversation,
  SyncedConversationSchema,
} from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { Kysely } from 'kysely';
import { unreadCount } from '../domain/unread.ts';
import { readNewestMessages } from '../store/event.ts';
import { readHiddenRange } from '../store/hidden-message.ts';
import { readMemberRows } from '../store/member.ts';
import { readMentionSeqs } from '../store/mention.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { Viewer } from './viewer.ts';
import { visibleEvents } from './visible-events.ts';

/** Unread mentions shown of a conversation. */
const MAX_MENTIONS = 100;
/** Messages looked at for the last one that was not hidden. */
const MAX_HIDDEN_LOOKED_AT = 50;

/** A conversation as its viewer sees it, without events and without the people and groups of other services. */
export async function viewConversation(db: Kysely<ChatSchema>, viewer: Viewer): Promise<SyncedConversation> {
  const { membership: row, head, spans } = viewer;
  const id = parseConversationId(row.conversation_id);
  const peerUid = directPeer(viewer);
  const [peer] = peerUid ? await readMemberRows(db, [[row.partition_id, row.conversation_id, peerUid]]) : [];
  const mentioned = await readMentionSeqs(
    db,
    row.partition_id,
    row.conversation_id,
    row.uid,
    Math.max(row.read_seq, row.cleared_seq),
    head.headSeq,
    MAX_MENTIONS,
  );
  return create(SyncedConversationSchema, {
    conversationId: row.conversation_id,
    kind:
      id?.kind === 'group'
        ? ConversationKind_Value.GROUP
        : id?.kind === 'notice'
          ? ConversationKind_Value.NOTICE
          : ConversationKind_Value.DIRECT,
    headSeq: head.headSeq,
    readSeq: row.read_seq,
    unread: unreadCount(head, row, spans),
    mentionSeqs: mentioned.filter((seq) => viewer.sees(seq)),
    peerReadSeq: peer && Math.min(peer.read_seq, head.headSeq),
    visibleFromSeq: viewer.firstSeq,
    leftSeq: head.leftSeq,
    lastMessage: await lastMessage(db, viewer),
    settings: {
      muted: row.muted === 1,
      pinned: row.pinned === 1,
      hidden: row.hidden === 1,
      draft: row.draft,
      clearedSeq: row.cleared_seq,
    },
    updatedAt: new Date(head.updatedAt).toISOString(),
    complete: true,
  });
}

/** The other one of a direct conversation; undefined elsewhere and for the system. */
export function directPeer(viewer: Viewer): string | undefined {
  const id = parseConversationId(viewer.membership.conversation_id);
  if (id?.kind !== 'direct') return undefined;
  const peer = id.lower === viewer.uid ? id.higher : id.lower;
  return peer === '0' ? undefined : peer;
}

async function lastMessage(db: Kysely<ChatSchema>, viewer: Viewer): Promise<Message | undefined> {
  const { partition_id, conversation_id, uid } = viewer.membership;
  const upTo = Math.min(viewer.head.headSeq, viewer.membership.last_message_seq);
  const newest = (limit: number) =>
    readNewestMessages(db, partition_id, conversation_id, viewer.firstSeq, upTo, limit);
  for (const limit of [1, MAX_HIDDEN_LOOKED_AT]) {
    const rows = (await newest(limit)).filter((row) => viewer.sees(row.seq));
    const lowest = rows.at(-1)?.seq;
    if (lowest === undefined) continue;
    const hidden = await readHiddenRange(db, partition_id, conversation_id, uid, lowest, upTo);
    const hiddenSeqs = new Set(hidden.map((row) => row.seq));
    const shown = rows.find((row) => !hiddenSeqs.has(row.seq));
    if (!shown) continue;
    const [event] = await visibleEvents(db, [shown], viewer, hiddenSeqs);
    return event?.kind.case === 'message' ? event.kind.value : undefined;
  }
  return undefined;
}
