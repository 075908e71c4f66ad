import { ImError } from '@im/common/errors/im-error.ts';
import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import type { Transaction } from 'kysely';
import { requestNotices } from './domain/notices.ts';
import { noteForChat } from './hand-over.ts';
import { settleRequest } from './settle-request.ts';
import { hasBlocked } from './store/block.ts';
import { type FriendRequestRow, findOpenRequest, insertRequest } from './store/friend-request.ts';
import { areFriends } from './store/friendship.ts';
import type { FriendTables } from './store/tables.ts';

/** Bytes of a request's id: random enough never to meet another. */
const REQUEST_ID_BYTES = 12;

/**
 * Opens a request of `fromUid` to `toUid` together with what chat-service is to
 * be told. An open one of theirs is given as it is; a crossing one becomes the
 * friendship. Throws ALREADY_FRIENDS.
 *
 * Who is blocked gets the answers that everybody gets. Their request is
 * withheld: open to them, not there for the addressee, also after the block;
 * to be heard then they take it back and ask anew. Two people become friends
 * only by an act of each that the other's block does not refuse:
 * - The blocker asks, the blocked one's withheld request is open: both want it,
 *   and anything but a friendship would tell the blocked one of the block.
 * - The blocked one asks, the blocker's own request is open: the blocker asked
 *   and has not taken it back. What the block refuses it goes on refusing.
 */
export async function openRequest(
  trx: Transaction<FriendTables>,
  { fromUid, toUid, message, at }: { fromUid: string; toUid: string; message: string; at: number },
): Promise<FriendRequestRow> {
  if (await areFriends(trx, fromUid, toUid)) throw alreadyFriends();
  const pair = directConversationId(fromUid, toUid);
  const open = await findOpenRequest(trx, pair);
  if (open?.from_uid === fromUid) return open;
  if (open) {
    const decision = { requestId: open.request_id, toUid: fromUid, state: State.ACCEPTED, at } as const;
    const settled = await settleRequest(trx, decision);
    // Else it was taken back just now.
    if (settled?.state === State.ACCEPTED) return settled;
  }
  const withheld = await hasBlocked(trx, toUid, fromUid);
  const request: FriendRequestRow = {
    request_id: randomToken(REQUEST_ID_BYTES),
    from_uid: fromUid,
    to_uid: toUid,
    message,
    state: State.PENDING,
    open_pair: pair,
    withheld: withheld ? 1 : 0,
    created_at: at,
    decided_at: null,
  };
  await insertRequest(trx, request);
  // From here on the pair has no other open request. One that was opened and
  // accepted since the first look has made them friends.
  if (await areFriends(trx, fromUid, toUid)) throw alreadyFriends();
  const tell = withheld ? [fromUid] : [fromUid, toUid];
  await noteForChat(trx, requestNotices(request, { actorUid: fromUid, tell, atMs: at }), at);
  return request;
}

function alreadyFriends(): ImError {
  return new ImError('ALREADY_FRIENDS', 'you are friends already');
}
