import type { Migrations } from '@im/common/database/database.ts';
import { sessionsMigration } from './0001-sessions.ts';
import { onlineSessionsMigration } from './0002-online-sessions.ts';

export const sessionMigrations: Migrations = {
  '0001-sessions': sessionsMigration,
  '0002-online-sessions': onlineSessionsMigration,
};
