import type { Migrations } from '@im/common/database/database.ts';
import { outboxMigration } from '@im/common/model/outbox.ts';
import { friends } from './0001-friends.ts';
import { blocks } from './0003-blocks.ts';

/** The steps of friend-service's schema. */
export const migrations: Migrations = {
  '0001-friends': friends,
  '0002-outbox': outboxMigration,
  '0003-blocks': blocks,
};
