import type { MessageInitShape } from '@bufbuild/protobuf';
import { create, toBinary } from '@bufbuild/protobuf';
import { type CommittedRecord, CommittedRecordSchema } from '@im/common/gen/im/bus/v1/record_pb.ts';
import { type Event, EventSchema } from '@im/common/gen/im/chat/v1/event_pb.ts';
import { noticeConversationId, parseConversationId } from '@im/common/utils/conversation-id.ts';
import { completeEvent, type EventKind } from '../domain/event-body.ts';
import type { Account } from '../domain/friend-required.ts';
import { covers } from '../domain/spans.ts';
import type { AppendPositionTable } from '../store/append-position.ts';
import type { EventTable } from '../store/event.ts';
import type { HiddenMessageTable } from '../store/hidden-message.ts';
import type { PartitionTable } from '../store/log-partition.ts';
import type { MentionTable } from '../store/mention.ts';
import type { MessageKey, MessageKeyTable } from '../store/message-key.ts';
import { ConversationDraft } from './conversation-draft.ts';
import type { ConversationState } from './conversation-state.ts';
import { emptyConversation } from './empty-conversation.ts';
import { largeGroupOf } from './large-group.ts';
import { eventName, hiddenName, keyName, keyRowName, positionName } from './row-names.ts';

/** What a record's event is, beside its place in the log. */
export interface NewEvent {
  readonly actorUid: string;
  readonly at: number;
  readonly kind: EventKind;
  readonly targetSeq?: number;
  readonly lastEditSeq?: number;
}

/**
 * What a lane's transaction works on: the locked partitions and, over what was
 * loaded, everything its records have changed so far. Nothing outside the
 * batch changes until COMMIT has succeeded.
 */
export class Batch {
  readonly now: number;
  readonly partitions: ReadonlyMap<number, PartitionTable>;
  readonly committed: CommittedRecord[] = [];
  readonly newEvents: EventTable[] = [];
  readonly newKeys: MessageKeyTable[] = [];
  readonly newMentions: MentionTable[] = [];
  readonly newHidden: HiddenMessageTable[] = [];
  readonly newPositions: AppendPositionTable[] = [];
  readonly changedPositions = new Set<AppendPositionTable>();
  readonly changedEvents = new Set<EventTable>();
  readonly changedAccounts = new Set<string>();
  readonly changedPartitions = new Set<number>();
  readonly #partitionOf: (conversationId: string) => number;
  readonly #largeGroupMembers: number;
  readonly #drafts = new Map<string, ConversationDraft>();
  readonly #keys = new Map<string, MessageKeyTable>();
  readonly #events = new Map<string, EventTable>();
  readonly #hidden = new Map<string, HiddenMessageTable>();
  readonly #positions = new Map<string, AppendPositionTable>();
  #accounts: ReadonlyMap<string, Account> = new Map();

  constructor(options: {
    now: number;
    partitions: readonly PartitionTable[];
    partitionOf: (conversationId: string) => number;
    /** Groups of more members than this are large. */
    largeGroupMembers: number;
  }) {
    this.now = options.now;
    this.partitions = new Map(options.partitions.map((row) => [row.partition_id, { ...row }]));
    this.#partitionOf = options.partitionOf;
    this.#largeGroupMembers = options.largeGroupMembers;
  }

  // What was loaded before the records run.

  load(loaded: {
    states?: Iterable<ConversationState>;
    keys?: Iterable<MessageKeyTable>;
    events?: Iterable<EventTable>;
    hidden?: Iterable<HiddenMessageTable>;
    positions?: Iterable<AppendPositionTable>;
    accounts?: ReadonlyMap<string, Account>;
  }): void {
    for (const state of loaded.states ?? []) {
      this.#drafts.set(state.row.conversation_id, new ConversationDraft(state, false));
    }
    for (const key of loaded.keys ?? []) this.#keys.set(keyRowName(key), key);
    for (const event of loaded.events ?? [])
      this.#events.set(eventName(event.conversation_id, event.seq), { ...event });
    for (const row of loaded.hidden ?? [])
      this.#hidden.set(hiddenName(row.conversation_id, row.uid, row.seq), row);
    for (const row of loaded.positions ?? []) {
      this.#positions.set(positionName(row.conversation_id, row.source), { ...row });
    }
    if (loaded.accounts) this.#accounts = loaded.accounts;
  }

  // What records read.

  /** Undefined where nothing was ever written to it. */
  conversation(conversationId: string): ConversationDraft | undefined {
    return this.#drafts.get(conversationId);
  }

  conversationOrNew(conversationId: string): ConversationDraft {
    const existing = this.#drafts.get(conversationId);
    if (existing) return existing;
    const draft = new ConversationDraft(
      emptyConversation(this.#partitionOf(conversationId), conversationId),
      true,
    );
    this.#drafts.set(conversationId, draft);
    return draft;
  }

  key(key: MessageKey): MessageKeyTable | undefined {
    return this.#keys.get(keyName(key));
  }

  event(conversationId: string, seq: number): EventTable | undefined {
    return this.#events.get(eventName(conversationId, seq));
  }

  account(uid: string): Account | undefined {
    if (!this.changedAccounts.has(uid)) return this.#accounts.get(uid);
    const { disabled, closed } = this.#drafts.get(noticeConversationId(uid))!.row;
    return { disabled: disabled === 1, closed: closed === 1 };
  }

  isHidden(conversationId: string, uid: string, seq: number): boolean {
    return this.#hidden.has(hiddenName(conversationId, uid, seq));
  }

  appendedVersion(conversationId: string, source: string): number {
    return this.#positions.get(positionName(conversationId, source))?.version ?? 0;
  }

  drafts(): Iterable<ConversationDraft> {
    return this.#drafts.values();
  }

  // What records change.

  /** The next change_no of the conversation's partition. */
  nextChangeNo(draft: ConversationDraft): number {
    const partition = this.partitions.get(draft.row.partition_id)!;
    this.changedPartitions.add(partition.partition_id);
    partition.change_no += 1;
    return partition.change_no;
  }

  /**
   * With this change others may see a group's events, or somebody may see others of them. A group that has
   * grown large stays so: its members, former ones too, are no longer named in each record.
   */
  audienceChanged(draft: ConversationDraft, changeNo: number): void {
    if (parseConversationId(draft.row.conversation_id)?.kind !== 'group') return;
    if (draft.row.audience_no === 0 && draft.memberCount <= this.#largeGroupMembers) return;
    draft.row.audience_no = changeNo;
    draft.markRowChanged();
  }

  /**
   * Gives an event the next seq and change_no and moves the head. Members must
   * be changed before: who is there decides who is told.
   */
  appendEvent(
    draft: ConversationDraft,
    { actorUid, at, kind, targetSeq = 0, lastEditSeq = 0 }: NewEvent,
    changeNo = this.nextChangeNo(draft),
  ): { row: EventTable; event: Event } {
    const event = create(EventSchema, { kind });
    const isMessage = kind.case === 'message';
    const head = draft.row;
    head.head_seq += 1;
    head.head_count += isMessage ? 1 : 0;
    head.head_change_no = changeNo;
    head.head_at = at;
    head.cache_no = changeNo;
    if (isMessage) head.last_message_seq = head.head_seq;
    draft.markRowChanged();
    const row: EventTable = {
      partition_id: head.partition_id,
      conversation_id: head.conversation_id,
      seq: head.head_seq,
      change_no: changeNo,
      actor_uid: actorUid,
      at,
      count: head.head_count,
      is_message: isMessage ? 1 : 0,
      target_seq: targetSeq,
      last_edit_seq: lastEditSeq,
      edit_count: 0,
      body: toBinary(EventSchema, event),
      state: null,
    };
    this.newEvents.push(row);
    this.#events.set(eventName(row.conversation_id, row.seq), row);
    completeEvent(event, row, row.seq);
    this.#publishEvent(draft, row, event);
    return { row, event };
  }

  /** A stored event changed: a message was edited or recalled, an edit's text was erased. */
  rewrite(
    row: EventTable,
    changes: Partial<Pick<EventTable, 'body' | 'state' | 'last_edit_seq' | 'edit_count'>>,
  ): void {
    Object.assign(row, changes);
    // An event of this batch is not stored yet: its insert carries the change.
    if (!this.newEvents.includes(row)) this.changedEvents.add(row);
  }

  addKey(draft: ConversationDraft, key: MessageKey, requestHash: Uint8Array, messageSeq: number): void {
    const row: MessageKeyTable = {
      partition_id: draft.row.partition_id,
      conversation_id: key.conversationId,
      sender_uid: key.senderUid,
      client_msg_id: key.clientMsgId,
      request_hash: requestHash,
      message_seq: messageSeq,
    };
    this.newKeys.push(row);
    this.#keys.set(keyName(key), row);
  }

  addMention(draft: ConversationDraft, uid: string, seq: number): void {
    const { partition_id, conversation_id } = draft.row;
    this.newMentions.push({ partition_id, conversation_id, uid, seq });
  }

  addHidden(draft: ConversationDraft, uid: string, seq: number, changeNo: number): void {
    const { partition_id, conversation_id } = draft.row;
    const row = { partition_id, conversation_id, uid, seq, change_no: changeNo };
    this.newHidden.push(row);
    this.#hidden.set(hiddenName(conversation_id, uid, seq), row);
  }

  setAppendedVersion(conversationId: string, source: string, version: number): void {
    const name = positionName(conversationId, source);
    const known = this.#positions.get(name);
    if (known) {
      known.version = version;
      if (!this.newPositions.includes(known)) this.changedPositions.add(known);
      return;
    }
    const row = {
      partition_id: this.#partitionOf(conversationId),
      conversation_id: conversationId,
      source,
      version,
    };
    this.newPositions.push(row);
    this.#positions.set(name, row);
  }

  /** A committed change without a seq, for the devices of these people. */
  publish(
    draft: ConversationDraft,
    changeNo: number,
    recipientUids: string[],
    kind: MessageInitShape<typeof CommittedRecordSchema>['kind'],
  ): void {
    this.committed.push(this.#record(draft, changeNo, recipientUids, [], kind));
  }

  #publishEvent(draft: ConversationDraft, row: EventTable, event: Event): void {
    const kind = { case: 'event', value: event } as const;
    if (draft.row.audience_no > 0) {
      const record = this.#record(draft, row.change_no, [], [], kind);
      record.largeGroup = largeGroupOf(draft.row, row);
      this.committed.push(record);
      return;
    }
    const recipients: string[] = [];
    const blind: string[] = [];
    for (const member of draft.members()) {
      if (!covers(member.spans, row.seq)) continue;
      recipients.push(member.row.uid);
      const target = row.target_seq;
      if (target !== 0 && !(covers(member.spans, target) && target > member.row.cleared_seq)) {
        blind.push(member.row.uid);
      }
    }
    this.committed.push(this.#record(draft, row.change_no, recipients, blind, kind));
  }

  #record(
    draft: ConversationDraft,
    changeNo: number,
    recipientUids: string[],
    blindUids: string[],
    kind: MessageInitShape<typeof CommittedRecordSchema>['kind'],
  ): CommittedRecord {
    const partition = this.partitions.get(draft.row.partition_id)!;
    return create(CommittedRecordSchema, {
      conversationId: draft.row.conversation_id,
      partitionId: partition.partition_id,
      changeNo: BigInt(changeNo),
      epoch: partition.epoch,
      recipientUids,
      blindUids,
      kind,
    });
  }
}
