import type { ConversationTable } from '../store/conversation.ts';
import type { MemberTable } from '../store/member.ts';
import type { SpanTable } from '../store/span.ts';
import type { ConversationState, MemberState } from './conversation-state.ts';

/**
 * A batch's own picture of one conversation. The state it was made from stays
 * untouched until `adopt`, which is called after COMMIT only.
 */
export class ConversationDraft {
  readonly row: ConversationTable;
  readonly isNew: boolean;
  readonly newMembers = new Set<string>();
  readonly newSpans: SpanTable[] = [];
  readonly closedSpans: SpanTable[] = [];
  readonly #base: ConversationState;
  readonly #changed = new Map<string, MemberState>();
  #rowChanged = false;

  constructor(base: ConversationState, isNew: boolean) {
    this.#base = base;
    this.row = { ...base.row };
    this.isNew = isNew;
  }

  get rowChanged(): boolean {
    return this.#rowChanged;
  }

  /** Present and former members. */
  get memberCount(): number {
    return this.#base.members.size + this.newMembers.size;
  }

  get changedMembers(): ReadonlyMap<string, MemberState> {
    return this.#changed;
  }

  member(uid: string): MemberState | undefined {
    return this.#changed.get(uid) ?? this.#base.members.get(uid);
  }

  members(): MemberState[] {
    const members: MemberState[] = [];
    for (const [uid, state] of this.#base.members) members.push(this.#changed.get(uid) ?? state);
    for (const [uid, state] of this.#changed) if (!this.#base.members.has(uid)) members.push(state);
    return members;
  }

  /** Head or policy were changed in `row`. */
  markRowChanged(): void {
    this.#rowChanged = true;
  }

  updateMember(uid: string, changes: Partial<MemberTable>): void {
    const member = this.member(uid);
    if (!member) throw new Error('no such member');
    this.#changed.set(uid, { row: { ...member.row, ...changes }, spans: member.spans });
  }

  addMember(row: MemberTable): void {
    this.newMembers.add(row.uid);
    this.#changed.set(row.uid, { row, spans: [] });
  }

  openSpan(uid: string, span: SpanTable): void {
    const member = this.member(uid)!;
    this.newSpans.push(span);
    this.#changed.set(uid, { row: member.row, spans: [...member.spans, span] });
  }

  closeSpan(uid: string, closing: Pick<SpanTable, 'to_seq' | 'to_count' | 'to_at' | 'closed_at'>): void {
    const member = this.member(uid)!;
    const spans = member.spans.map((span) => {
      if (span.to_seq !== null) return span;
      const closed = { ...span, ...closing };
      this.closedSpans.push(closed);
      return closed;
    });
    this.#changed.set(uid, { row: member.row, spans });
  }

  /** The state after COMMIT, for the cache. */
  adopt(): ConversationState {
    for (const [uid, member] of this.#changed) this.#base.members.set(uid, member);
    this.#base.row = { ...this.row };
    return this.#base;
  }
}
