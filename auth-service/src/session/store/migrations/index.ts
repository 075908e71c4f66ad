import type { Migrations } from '@im/common/database/database.ts';
import { sessionsMigration } from './0001-sessions.ts';

export const sessionMigrations: Migrations = {
  '0001-sessions': sessionsMigration,
};
