import type { OutboxTables } from '@im/common/model/outbox.ts';
import type { AccountTable } from './account.ts';
import type { ApiKeyTable } from './api-key.ts';
import type { LoginThrottleTable } from './login-throttle.ts';
import type { SearchTermTable } from './search-term.ts';

/** user-service's schema. */
export interface UserTables extends OutboxTables {
  account: AccountTable;
  search_term: SearchTermTable;
  login_throttle: LoginThrottleTable;
  api_key: ApiKeyTable;
}
