import { create } from '@bufbuild/protobuf';
import {
  type Conversation,
  ConversationSchema,
  type SyncedConversation,
} from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { viewConversation } from '../read/conversation-view.ts';
import { addGroups } from '../read/groups.ts';
import { addPeople } from '../read/people.ts';
import { requireViewer } from '../read/viewer.ts';

/** A conversation as one of its members sees it, with its people. */
export async function showConversation(
  { database, partitions, users, groups }: ChatContext,
  conversationId: string,
  uid: string,
  call: CallContext,
): Promise<Conversation> {
  const shown = await database.snapshot(async (trx) => {
    const viewer = await requireViewer(trx, partitions, conversationId, uid);
    return { viewer, view: await viewConversation(trx, viewer) };
  });
  await Promise.all([
    addPeople([shown], users, call),
    addGroups([shown], { db: database.read, groups }, call),
  ]);
  return plainConversation(shown.view);
}

/** The view without what only sync adds. */
export function plainConversation(view: SyncedConversation): Conversation {
  const { $typeName, events, complete, ...fields } = view;
  return create(ConversationSchema, fields);
}
