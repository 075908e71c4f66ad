import type { OutboxTables } from '@im/common/model/outbox.ts';
import type { BlockTable } from './block.ts';
import type { FriendRequestTable } from './friend-request.ts';
import type { FriendshipTable } from './friendship.ts';

/** friend-service's schema. */
export interface FriendTables extends OutboxTables {
  block: BlockTable;
  friend_request: FriendRequestTable;
  friendship: FriendshipTable;
}
