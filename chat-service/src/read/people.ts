import type { User } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { directPeer } from './conversation-view.ts';
import type { UserCache } from './user-cache.ts';
import type { Viewer } from './viewer.ts';

/** Fills in the peers of direct conversations, where user-service answers. */
export async function addPeople(
  shown: readonly { viewer: Viewer; view: { peer?: User } }[],
  users: UserCache,
  within?: CallContext,
): Promise<void> {
  const peers = shown.flatMap(({ viewer }) => directPeer(viewer) ?? []);
  if (peers.length === 0) return;
  const known = await users.users(peers, within);
  for (const { viewer, view } of shown) {
    const peer = directPeer(viewer);
    const user = peer && known.get(peer);
    if (user) view.peer = user;
  }
}
