import type { Migrations } from '@im/common/database/database.ts';
import { outboxMigration } from '@im/common/model/outbox.ts';
import { groups } from './0001-groups.ts';

/** The steps of group-service's schema. */
export const migrations: Migrations = {
  '0001-groups': groups,
  '0002-outbox': outboxMigration,
};
