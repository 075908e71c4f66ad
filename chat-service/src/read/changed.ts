import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Database } from '@im/common/database/database.ts';
import type { ChangedSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import type { ChatSchema } from '../store/schema.ts';
import { viewConversation } from './conversation-view.ts';
import type { GroupCache } from './group-cache.ts';
import { addGroups } from './groups.ts';
import { addPeople } from './people.ts';
import type { UserCache } from './user-cache.ts';
import { requireViewer } from './viewer.ts';

type Changed = MessageInitShape<typeof ChangedSchema>;

/** State of one's own that another device changed, in the shapes of sync. */
export interface ChangedReader {
  /** Throws CONVERSATION_NOT_FOUND for who was never a member. */
  conversation(uid: string, conversationId: string): Promise<Changed>;
  /** Undefined while user-service is away. */
  profile(uid: string): Promise<Changed | undefined>;
}

export function createChangedReader(options: {
  database: Database<ChatSchema>;
  partitions: number;
  users: UserCache;
  groups: GroupCache;
}): ChangedReader {
  const { database, partitions, users, groups } = options;
  return {
    async conversation(uid, conversationId) {
      const shown = await database.snapshot(async (trx) => {
        const viewer = await requireViewer(trx, partitions, conversationId, uid);
        return { viewer, view: await viewConversation(trx, viewer) };
      });
      await Promise.all([addPeople([shown], users), addGroups([shown], { db: database.read, groups })]);
      return { conversations: [shown.view] };
    },
    async profile(uid) {
      const profile = await users.profile(uid);
      return profile && { profile };
    },
  };
}
