import { ImError } from '@im/common/errors/im-error.ts';
import { partitionOf } from '@im/common/utils/murmur2.ts';
import type { Kysely } from 'kysely';
import {
  covers,
  type Span,
  type Stretch,
  stretchUpTo,
  type VisibleHead,
  visibleFromSeq,
  visibleHead,
} from '../domain/spans.ts';
import { type Membership, readMembership } from '../store/member.ts';
import type { ChatSchema } from '../store/schema.ts';
import { readMemberSpans } from '../store/span.ts';

/**
 * Somebody who reads a conversation, and what of it is theirs to see. Every
 * read of a conversation goes through one of these, taken from the store.
 */
export interface Viewer {
  readonly uid: string;
  readonly membership: Membership;
  readonly spans: readonly Span[];
  readonly head: VisibleHead;
  /** The first seq they may see at all. */
  readonly firstSeq: number;
  /** Whether an event is theirs to see. */
  sees(seq: number): boolean;
  /** The stretch of seqs, all theirs to see, that is the newest at or below a seq; undefined where there is none. */
  stretchUpTo(seq: number): Stretch | undefined;
}

/** Undefined for someone who never was a member, and for a conversation without events. */
export function viewerOf(membership: Membership, spans: readonly Span[]): Viewer | undefined {
  const head = visibleHead(membership, spans);
  if (!head || membership.head_seq === 0) return undefined;
  return {
    uid: membership.uid,
    membership,
    spans,
    head,
    firstSeq: visibleFromSeq(spans, membership.cleared_seq),
    sees: (seq) => covers(spans, seq) && seq > membership.cleared_seq,
    stretchUpTo: (seq) => stretchUpTo(spans, membership.cleared_seq, seq),
  };
}

/** The caller as viewer of a conversation; to everybody else it does not exist. */
export async function requireViewer(
  db: Kysely<ChatSchema>,
  partitions: number,
  conversationId: string,
  uid: string,
): Promise<Viewer> {
  const partitionId = partitionOf(conversationId, partitions);
  const membership = await readMembership(db, partitionId, conversationId, uid);
  const spans = membership ? await readMemberSpans(db, [[partitionId, conversationId, uid]]) : [];
  const viewer = membership && viewerOf(membership, spans);
  if (!viewer) throw new ImError('CONVERSATION_NOT_FOUND', 'no such conversation');
  return viewer;
}
