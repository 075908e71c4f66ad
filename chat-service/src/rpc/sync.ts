import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SyncRequest, SyncResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { addPeople } from '../read/people.ts';
import { readSyncPage } from '../read/sync.ts';

/** What changed for the caller since a cursor. */
export async function sync(
  { database, partitions, users, host }: ChatContext,
  request: SyncRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof SyncResponseSchema>> {
  const { uid } = callerUser(call);
  const page = await database.snapshot((trx) =>
    readSyncPage(trx, { ...request, uid }, { partitions, offlineCache: host.offlineCache }),
  );
  await addPeople(page.shown, users, call);
  const profile = page.profileDue ? await users.profile(uid, call) : undefined;
  return { ...page.response, profile, conversations: page.shown.map(({ view }) => view) };
}
