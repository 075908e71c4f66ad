import { appendOutbox } from '@im/common/model/outbox.ts';
import type { Transaction } from 'kysely';
import { chatRow } from './domain/outbox-rows.ts';
import { searchTerms } from './domain/search-terms.ts';
import { type Account, updateProfile } from './store/account.ts';
import { deleteTerms, insertTerms } from './store/search-term.ts';
import type { UserTables } from './store/tables.ts';

/** What of an account is its profile. */
export type ProfileChange = Partial<
  Pick<Account, 'username' | 'nickname' | 'avatar_url' | 'bio' | 'settings'>
>;

/**
 * Changes the profile of an account whose row is locked, together with what it
 * is found by and the word to chat-service that the owner's devices are to see
 * it. A change to what stands there already is none. Gives the account as it is then.
 */
export async function changeProfile(
  trx: Transaction<UserTables>,
  account: Account,
  change: ProfileChange,
  at: number,
): Promise<Account> {
  const changed = { ...account, ...change };
  const keys = Object.keys(change) as (keyof ProfileChange)[];
  if (keys.every((key) => changed[key] === account[key])) return account;
  await updateProfile(trx, account.uid, change);
  const renamed = changed.username !== account.username || changed.nickname !== account.nickname;
  if (renamed && !account.disabled) {
    await deleteTerms(trx, account.uid);
    await insertTerms(trx, account.uid, searchTerms(changed));
  }
  await appendOutbox(trx, chatRow(account.uid, [{ case: 'changeProfile', value: {} }], at));
  return changed;
}
