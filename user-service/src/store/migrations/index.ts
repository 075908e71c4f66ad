import type { Migrations } from '@im/common/database/database.ts';
import { outboxMigration } from '@im/common/model/outbox.ts';
import { accounts } from './0001-accounts.ts';
import { searchTerms } from './0002-search-terms.ts';
import { loginThrottle } from './0003-login-throttle.ts';
import { apiKeys } from './0004-api-keys.ts';

/** The steps of user-service's schema. */
export const migrations: Migrations = {
  '0001-accounts': accounts,
  '0002-search-terms': searchTerms,
  '0003-login-throttle': loginThrottle,
  '0004-api-keys': apiKeys,
  '0005-outbox': outboxMigration,
};
