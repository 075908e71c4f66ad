import type { Transaction } from 'kysely';
import { readAppendPositions } from '../store/append-position.ts';
import { conversationsChangedSince, readConversations } from '../store/conversation.ts';
import { readEvents } from '../store/event.ts';
import { readHidden } from '../store/hidden-message.ts';
import type { PartitionTable } from '../store/log-partition.ts';
import { readMembers } from '../store/member.ts';
import { readMessageKeys } from '../store/message-key.ts';
import type { ChatSchema } from '../store/schema.ts';
import { readSpans } from '../store/span.ts';
import type { Accounts } from './accounts.ts';
import { Batch } from './batch.ts';
import type { CachedHeads } from './cached-heads.ts';
import type { ConversationState, MemberState } from './conversation-state.ts';
import type { LogRecord } from './log-record.ts';

type Trx = Transaction<ChatSchema>;

export interface LoadTools {
  readonly heads: CachedHeads;
  readonly accounts: Accounts;
  readonly partitionOf: (conversationId: string) => number;
  readonly largeGroupMembers: number;
}

/** Builds the batch of these records on locked partitions: everything they need, read once. */
export async function loadBatch(
  trx: Trx,
  partitions: readonly PartitionTable[],
  records: readonly LogRecord<unknown>[],
  now: number,
  { heads, accounts, partitionOf, largeGroupMembers }: LoadTools,
): Promise<Batch> {
  for (const row of partitions) {
    await heads.trust(row, (changeNo) => conversationsChangedSince(trx, row.partition_id, changeNo));
  }
  const batch = new Batch({ now, partitions, partitionOf, largeGroupMembers });
  const keyed = (record: LogRecord<unknown>, ...rest: unknown[]) => [
    partitionOf(record.conversationId),
    record.conversationId,
    ...rest,
  ];
  const states = await loadStates(
    trx,
    new Set(records.map((record) => record.conversationId)),
    heads,
    partitionOf,
  );
  const keys = await readMessageKeys(
    trx,
    records.flatMap((r) => (r.needs.key ? [keyed(r, r.needs.key.senderUid, r.needs.key.clientMsgId)] : [])),
  );
  const wantedEvents = distinct([
    ...records.flatMap((r) => (r.needs.seqs ?? []).map((seq) => keyed(r, seq))),
    ...keys.map((key) => [key.partition_id, key.conversation_id, key.message_seq]),
  ]);
  batch.load({
    states,
    keys,
    events: await loadEvents(
      trx,
      wantedEvents,
      new Set(records.flatMap((r) => (r.needs.editsOf ?? []).map((seq) => keyed(r, seq).join(' ')))),
    ),
    hidden: await readHidden(
      trx,
      records.flatMap((r) => (r.needs.hidden ? [keyed(r, r.needs.hidden.uid, r.needs.hidden.seq)] : [])),
    ),
    positions: await readAppendPositions(
      trx,
      distinct(records.flatMap((r) => (r.needs.appendedBy ? [keyed(r, r.needs.appendedBy)] : []))),
    ),
    accounts: await accounts.load(trx, new Set(records.flatMap((r) => r.needs.accounts ?? []))),
  });
  return batch;
}

/**
 * The wanted events and, so that a recall can blank them, all edits of some.
 * Only of those: a message may have been edited any number of times.
 */
async function loadEvents(trx: Trx, wanted: unknown[][], withEdits: ReadonlySet<string>) {
  const events = await readEvents(trx, wanted);
  let edits = events.filter((row) =>
    withEdits.has([row.partition_id, row.conversation_id, row.seq].join(' ')),
  );
  while (edits.length > 0) {
    edits = await readEvents(
      trx,
      edits
        .filter((row) => row.last_edit_seq !== 0)
        .map((row) => [row.partition_id, row.conversation_id, row.last_edit_seq]),
    );
    events.push(...edits);
  }
  return events;
}

async function loadStates(
  trx: Trx,
  conversationIds: Iterable<string>,
  heads: CachedHeads,
  partitionOf: (conversationId: string) => number,
): Promise<ConversationState[]> {
  const states: ConversationState[] = [];
  const missing: [number, string][] = [];
  for (const id of conversationIds) {
    const cached = heads.get(id);
    if (cached) states.push(cached);
    else missing.push([partitionOf(id), id]);
  }
  if (missing.length === 0) return states;
  const rows = await readConversations(trx, missing);
  const keys = rows.map((row) => [row.partition_id, row.conversation_id]);
  const members = await readMembers(trx, keys);
  const spans = Map.groupBy(await readSpans(trx, keys), (span) => `${span.conversation_id} ${span.uid}`);
  const byConversation = Map.groupBy(members, (member) => member.conversation_id);
  for (const row of rows) {
    const own = (byConversation.get(row.conversation_id) ?? []).map((member): [string, MemberState] => [
      member.uid,
      { row: member, spans: spans.get(`${row.conversation_id} ${member.uid}`) ?? [] },
    ]);
    states.push({ row, members: new Map(own) });
  }
  return states;
}

function distinct(keys: unknown[][]): unknown[][] {
  return [...new Map(keys.map((key) => [key.join(' '), key])).values()];
}
