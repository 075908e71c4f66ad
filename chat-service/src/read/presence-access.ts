import { directConversationId } from '@im/common/utils/conversation-id.ts';
import { partitionOf } from '@im/common/utils/murmur2.ts';
import type { Kysely } from 'kysely';
import type { ChatConfig } from '../config.ts';
import { type ConversationTable, readConversations } from '../store/conversation.ts';
import { groupsOfMember, membersAmong } from '../store/fellows.ts';
import type { ChatSchema } from '../store/schema.ts';

/**
 * Those of these people whose presence a user may see: themselves, friends, and
 * fellows of a group that both are members of now; where anyone may write to
 * anyone, also those with whom there are messages.
 *
 * @NOTE Blocks change nothing here, in either direction: to be left out, or to
 * look offline for ever, would show the block.
 */
export async function presenceShownTo(
  db: Kysely<ChatSchema>,
  partitions: number,
  uid: string,
  asked: Iterable<string>,
  settings: Pick<ChatConfig, 'directMessages'>,
): Promise<Set<string>> {
  const left = new Set(asked);
  const shown = new Set<string>();
  const show = (other: string) => {
    if (left.delete(other)) shown.add(other);
  };
  show(uid);
  for (const other of await acquaintances(db, partitions, uid, left, settings)) show(other);
  if (left.size === 0) return shown;
  for (const group of await groupsOfMember(db, partitions, uid)) {
    for (const other of await membersAmong(db, group, [...left])) show(other);
    if (left.size === 0) break;
  }
  return shown;
}

async function acquaintances(
  db: Kysely<ChatSchema>,
  partitions: number,
  uid: string,
  others: Iterable<string>,
  { directMessages }: Pick<ChatConfig, 'directMessages'>,
): Promise<string[]> {
  const byConversation = new Map([...others].map((other) => [directConversationId(uid, other), other]));
  const keys = [...byConversation.keys()].map((id) => [partitionOf(id, partitions), id]);
  const rows = await readConversations(db, keys);
  return rows
    .filter(
      (row) => row.closed === 0 && (row.friends === 1 || (directMessages === 'anyone' && hasMessages(row))),
    )
    .flatMap((row) => byConversation.get(row.conversation_id) ?? []);
}

function hasMessages(row: ConversationTable): boolean {
  return row.last_message_seq > 0;
}
