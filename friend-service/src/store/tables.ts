import type { OutboxTables } from '@im/common/model/outbox.ts';
import type { FriendRequestTable } from './friend-request.ts';
import type { FriendshipTable } from './friendship.ts';

/** friend-service's schema. */
export interface FriendTables extends OutboxTables {
  friend_request: FriendRequestTable;
  friendship: FriendshipTable;
}
