import { openSpan } from '../domain/spans.ts';
import type { ConversationTable } from '../store/conversation.ts';
import type { MemberTable } from '../store/member.ts';
import type { SpanTable } from '../store/span.ts';

/** A present or former member: their own row and what they may see. */
export interface MemberState {
  readonly row: Readonly<MemberTable>;
  readonly spans: readonly Readonly<SpanTable>[];
}

/** What the send path needs to know of a conversation: head, policy, members. */
export interface ConversationState {
  row: Readonly<ConversationTable>;
  readonly members: Map<string, MemberState>;
}

/** Whether someone is a member now. */
export function isMember(member: MemberState | undefined): member is MemberState {
  return member !== undefined && openSpan(member.spans) !== undefined;
}
