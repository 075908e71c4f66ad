import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Database } from '@im/common/database/database.ts';
import type { ChangedSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import type { ChatSchema } from '../store/schema.ts';
import { viewConversation } from './conversation-view.ts';
import { addPeople } from './people.ts';
import type { UserCache } from './user-cache.ts';
import { requireViewer } from './viewer.ts';

type Changed = MessageInitShape<typeof ChangedSchema>;

/** State of one's own that another device changed, in the shapes of sync. */
export interface ChangedReader {
  conversation(uid: string, conversationId: string): Promise<Changed>;
  hidden(conversationId: string, seq: number): Changed;
  profile(uid: string): Promise<Changed>;
}

export function createChangedReader(options: {
  database: Database<ChatSchema>;
  partitions: number;
  users: UserCache;
}): ChangedReader {
  const { database, partitions, users } = options;
  return {
    async conversation(uid, conversationId) {
      const { viewer, view } = await database.snapshot(async (trx) => {
        const viewer = await requireViewer(trx, partitions, conversationId, uid);
        return { viewer, view: await viewConversation(trx, viewer) };
      });
      await addPeople([{ viewer, view }], users);
      return { conversations: [view] };
    },
    hidden: (conversationId, seq) => ({ hidden: [{ conversationId, seqs: [seq] }] }),
    async profile(uid) {
      return { profile: await users.profile(uid) };
    },
  };
}
