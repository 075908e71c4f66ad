import { create } from '@bufbuild/protobuf';
import {
  ConversationKind_Value,
  type SyncedConversation,
  SyncedConversationSchema,
} from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { type ConversationId, parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { Kysely } from 'kysely';
import { lastSpan } from '../domain/spans.ts';
import { unreadCount } from '../domain/unread.ts';
import { readNewestMessage } from '../store/event.ts';
import { readMemberRows } from '../store/member.ts';
import { readMentionSeqs } from '../store/mention.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { Viewer } from './viewer.ts';
import { visibleEvents } from './visible-events.ts';

/** Unread mentions shown of a conversation, the oldest first. */
const MAX_MENTIONS = 100;

const KINDS: Record<Exclude<ConversationId['kind'], 'userAlias'>, ConversationKind_Value> = {
  direct: ConversationKind_Value.DIRECT,
  group: ConversationKind_Value.GROUP,
  notice: ConversationKind_Value.NOTICE,
};

/**
 * A conversation as its viewer sees it, without the people and groups of other
 * services. It holds no events, so it is not complete.
 *
 * @param newest its newest visible events, where they were read already
 */
export async function viewConversation(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  newest: readonly Event[] = [],
): Promise<SyncedConversation> {
  const { membership: row, head, spans } = viewer;
  const unread = unreadCount(head, row, spans);
  return create(SyncedConversationSchema, {
    conversationId: row.conversation_id,
    kind: kindOf(row.conversation_id),
    headSeq: head.headSeq,
    readSeq: row.read_seq,
    unread,
    mentionSeqs: unread === 0 ? [] : await unreadMentions(db, viewer),
    peerReadSeq: await peerReadSeq(db, viewer),
    visibleFromSeq: viewer.firstSeq,
    leftSeq: head.leftSeq,
    lastMessage: lastAmong(newest) ?? (await lastMessage(db, viewer)),
    settings: {
      muted: row.muted === 1,
      pinned: row.pinned === 1,
      hidden: row.hidden === 1,
      draft: row.draft,
      clearedSeq: row.cleared_seq,
    },
    updatedAt: new Date(head.updatedAt).toISOString(),
    complete: false,
  });
}

/** The other one of a direct conversation; undefined elsewhere and for the system. */
export function directPeer(viewer: Viewer): string | undefined {
  const id = parseConversationId(viewer.membership.conversation_id);
  if (id?.kind !== 'direct') return undefined;
  const peer = id.lower === viewer.uid ? id.higher : id.lower;
  return peer === '0' ? undefined : peer;
}

function kindOf(conversationId: string): ConversationKind_Value {
  const kind = parseConversationId(conversationId)?.kind;
  return kind === undefined || kind === 'userAlias' ? ConversationKind_Value.UNSPECIFIED : KINDS[kind];
}

/** Where unread begins, mentions do: above own mark, what was cleared, and the start of the last span. */
function unreadMentions(db: Kysely<ChatSchema>, { membership, head, spans }: Viewer): Promise<number[]> {
  const { partition_id, conversation_id, uid, read_seq, cleared_seq } = membership;
  const start = (lastSpan(spans)?.from_seq ?? 1) - 1;
  const after = Math.max(read_seq, cleared_seq, start);
  return readMentionSeqs(db, partition_id, conversation_id, uid, after, head.headSeq, MAX_MENTIONS);
}

async function peerReadSeq(db: Kysely<ChatSchema>, viewer: Viewer): Promise<number | undefined> {
  const uid = directPeer(viewer);
  if (uid === undefined) return undefined;
  const { partition_id, conversation_id } = viewer.membership;
  const [peer] = await readMemberRows(db, [[partition_id, conversation_id, uid]]);
  return peer && Math.min(peer.read_seq, viewer.head.headSeq);
}

function lastAmong(events: readonly Event[]): Message | undefined {
  const kind = events.findLast((event) => event.kind.case === 'message')?.kind;
  return kind?.case === 'message' ? kind.value : undefined;
}

/** The newest message that they may see and have not hidden. */
async function lastMessage(db: Kysely<ChatSchema>, viewer: Viewer): Promise<Message | undefined> {
  const { partition_id, conversation_id, uid, last_message_seq } = viewer.membership;
  // Spans of one member do not overlap but at a rejoin that shows all, so the last opened holds the newest.
  const newestFirst = [...viewer.spans].sort((a, b) => b.opened_at - a.opened_at);
  for (const { from_seq, to_seq } of newestFirst) {
    const from = Math.max(from_seq, viewer.firstSeq);
    const upTo = Math.min(to_seq ?? viewer.head.headSeq, last_message_seq);
    const row = from <= upTo && (await readNewestMessage(db, partition_id, conversation_id, uid, from, upTo));
    if (!row) continue;
    const [event] = await visibleEvents(db, [row], viewer, new Set());
    return event?.kind.case === 'message' ? event.kind.value : undefined;
  }
  return undefined;
}
