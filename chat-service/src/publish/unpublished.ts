import type { MessageInitShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { type CommittedRecord, CommittedRecordSchema } from '@im/common/gen/im/bus/v1/record_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { Kysely } from 'kysely';
import { eventFromRow } from '../domain/event-body.ts';
import { covers } from '../domain/spans.ts';
import { largeGroupOf } from '../lane/large-group.ts';
import { readConversations } from '../store/conversation.ts';
import { type EventTable, readEventsByChange } from '../store/event.ts';
import { readHiddenByChange } from '../store/hidden-message.ts';
import type { PartitionTable } from '../store/log-partition.ts';
import { type MemberTable, readMembers, readMembersByChange } from '../store/member.ts';
import type { ChatSchema } from '../store/schema.ts';
import { readSpans, type SpanTable } from '../store/span.ts';

type Kind = MessageInitShape<typeof CommittedRecordSchema>['kind'];

/** The next changes of a partition that the bus may not have, in order, and up to which change they reach. */
export async function readUnpublished(
  db: Kysely<ChatSchema>,
  partition: PartitionTable,
  limit: number,
): Promise<{ records: CommittedRecord[]; upTo: number }> {
  const upTo = Math.min(partition.change_no, partition.published_no + limit);
  const range = [partition.partition_id, partition.published_no, upTo] as const;
  const events = await readEventsByChange(db, ...range, limit);
  const rows = await readMembersByChange(db, ...range);
  const hidden = await readHiddenByChange(db, ...range);
  const ids = new Set([...events, ...rows].map((row) => row.conversation_id));
  const keys = [...ids].map((id) => [partition.partition_id, id]);
  const members = Map.groupBy(await readMembers(db, keys), (row) => row.conversation_id);
  const spans = Map.groupBy(await readSpans(db, keys), (row) => row.conversation_id);
  const heads = new Map((await readConversations(db, keys)).map((row) => [row.conversation_id, row]));

  const record = (
    conversationId: string,
    changeNo: number,
    recipientUids: string[],
    kind: Kind,
    blindUids: string[] = [],
  ) =>
    create(CommittedRecordSchema, {
      conversationId,
      partitionId: partition.partition_id,
      changeNo: BigInt(changeNo),
      epoch: partition.epoch,
      recipientUids,
      blindUids,
      kind,
    });
  const records = [
    ...events.map((row) => {
      const own = spans.get(row.conversation_id) ?? [];
      const head = heads.get(row.conversation_id);
      if (head && head.audience_no > 0) {
        const large = record(row.conversation_id, row.change_no, [], { case: 'event', value: asSent(row) });
        large.largeGroup = largeGroupOf(head, row);
        return large;
      }
      const recipients = uidsWho(own, (span) => covers([span], row.seq));
      const seeing = new Set(seeTarget(own, members.get(row.conversation_id) ?? [], row.target_seq));
      const blind = row.target_seq === 0 ? [] : recipients.filter((uid) => !seeing.has(uid));
      const kind: Kind = { case: 'event', value: asSent(row) };
      return record(row.conversation_id, row.change_no, recipients, kind, blind);
    }),
    ...rows.map((row) => {
      const notice = parseConversationId(row.conversation_id)?.kind === 'notice';
      const kind: Kind = notice
        ? { case: 'profile', value: { uid: row.uid } }
        : { case: 'ownState', value: { uid: row.uid } };
      return record(row.conversation_id, row.change_no, [row.uid], kind);
    }),
    ...hidden.map((row) =>
      record(row.conversation_id, row.change_no, [row.uid], {
        case: 'hidden',
        value: { uid: row.uid, seq: row.seq },
      }),
    ),
  ];
  records.sort((a, b) => Number(a.changeNo - b.changeNo));
  return { records, upTo };
}

/** Its edits follow, to those who may see them. */
function asSent(row: EventTable): Event {
  return eventFromRow({ ...row, state: null }, row.seq);
}

function uidsWho(spans: readonly SpanTable[], test: (span: SpanTable) => boolean): string[] {
  return [...new Set(spans.filter(test).map((span) => span.uid))];
}

function seeTarget(
  spans: readonly SpanTable[],
  members: readonly MemberTable[],
  targetSeq: number,
): string[] {
  const cleared = new Map(members.map((row) => [row.uid, row.cleared_seq]));
  return uidsWho(spans, (span) => covers([span], targetSeq) && targetSeq > (cleared.get(span.uid) ?? 0));
}
