import { ImError } from '@im/common/errors/im-error.ts';
import type { Kysely, Transaction } from 'kysely';
import { type Account, findAccount, touchAccount } from './store/account.ts';
import type { UserTables } from './store/tables.ts';

/** The account; throws USER_NOT_FOUND. */
export async function requireAccount(db: Kysely<UserTables>, uid: string): Promise<Account> {
  const account = await findAccount(db, uid);
  if (!account) throw userNotFound();
  return account;
}

/** The account, its row locked for the rest of the transaction; throws USER_NOT_FOUND. */
export async function lockAccount(trx: Transaction<UserTables>, uid: string): Promise<Account> {
  if (!(await touchAccount(trx, uid))) throw userNotFound();
  return requireAccount(trx, uid);
}

export function userNotFound(): ImError {
  return new ImError('USER_NOT_FOUND', 'there is no such user');
}
