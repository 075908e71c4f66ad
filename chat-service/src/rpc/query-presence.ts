import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  QueryPresenceRequest,
  QueryPresenceResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { ChatContext } from '../context.ts';
import { presenceShownTo } from '../read/presence-access.ts';

/** Presence of those people that the caller may see it of, each once, in the order asked; others are left out. */
export async function queryPresence(
  { database, partitions, settings, presence }: ChatContext,
  { uids }: QueryPresenceRequest,
  call: CallContext,
): Promise<MessageInitShape<typeof QueryPresenceResponseSchema>> {
  const { uid } = callerUser(call);
  const asked = new Set(uids);
  const shown = await presenceShownTo(database.read, partitions, uid, asked, settings);
  return {
    presence: await presence.read(
      [...asked].filter((each) => shown.has(each)),
      call,
    ),
  };
}
