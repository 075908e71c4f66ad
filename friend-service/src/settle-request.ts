import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type { Transaction } from 'kysely';
import { friendshipNotices, requestNotices } from './domain/notices.ts';
import { noteForChat } from './hand-over.ts';
import { type Decision, decideRequest, type FriendRequestRow, findRequest } from './store/friend-request.ts';
import { insertFriendship } from './store/friendship.ts';
import type { FriendTables } from './store/tables.ts';

/**
 * Decides a request with all that follows from it, in one transaction: the
 * friendship when it is accepted, and what chat-service is to be told.
 * Gives the request as it stands then, undefined when there is none addressed
 * to `toUid`; one that was decided before stays as it was.
 */
export async function settleRequest(
  trx: Transaction<FriendTables>,
  decision: { requestId: string; toUid: string; state: Decision; at: number },
): Promise<FriendRequestRow | undefined> {
  const decided = await decideRequest(trx, decision);
  const request = await findRequest(trx, decision.requestId);
  if (request?.to_uid !== decision.toUid) return undefined;
  if (!decided) return request;
  if (decision.state === State.ACCEPTED) {
    await insertFriendship(trx, request.from_uid, request.to_uid, decision.at);
    await noteForChat(trx, friendshipNotices(request, decision.at), decision.at);
  } else {
    const tell = [request.from_uid, request.to_uid];
    const notices = requestNotices(request, { actorUid: request.to_uid, tell, atMs: decision.at });
    await noteForChat(trx, notices, decision.at);
  }
  return request;
}
