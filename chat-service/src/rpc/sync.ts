import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SyncRequest, SyncResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { encodeCursor } from '../domain/sync-cursor.ts';
import { addGroups } from '../read/groups.ts';
import { addPeople } from '../read/people.ts';
import { readSyncPage } from '../read/sync.ts';

/** What changed for the caller since a cursor. */
export async function sync(
  { database, users, groups, host }: ChatContext,
  request: SyncRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof SyncResponseSchema>> {
  const { uid } = callerUser(call);
  const { shown, hidden, profileDue, more, cursor } = await database.snapshot((trx) =>
    readSyncPage(trx, { ...request, uid }, host.offlineCache),
  );
  const [profile] = await Promise.all([
    profileDue ? users.profile(uid, call) : undefined,
    addPeople(shown, users, call),
    addGroups(shown, { db: database.read, groups }, call),
  ]);
  // A profile that could not be read stays due.
  const profileOwed = cursor.profileOwed || (profileDue && profile === undefined);
  return {
    conversations: shown.map(({ view }) => view),
    hidden,
    profile,
    cursor: encodeCursor({ ...cursor, profileOwed }),
    more,
    epoch: cursor.epoch,
  };
}
