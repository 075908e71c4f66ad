import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { appendOutbox } from '@im/common/model/outbox.ts';
import type { Transaction } from 'kysely';
import { chatRow, revokeRow } from './domain/outbox-rows.ts';
import { searchTerms } from './domain/search-terms.ts';
import { type Account, updateDisabled } from './store/account.ts';
import { deleteTerms, insertTerms } from './store/search-term.ts';
import type { UserTables } from './store/tables.ts';

/**
 * Disables or enables an account whose row is locked, together with the word to
 * the others: chat-service lets nobody write to it, auth-service ends its
 * sessions, search does not find it. Disabling again ends sessions again.
 */
export async function setDisabled(
  trx: Transaction<UserTables>,
  account: Account,
  disabled: boolean,
  at: number,
): Promise<void> {
  if (disabled) {
    await appendOutbox(trx, revokeRow(account.uid, { reason: SignOutReason_Value.DISABLED, atMs: at }));
  }
  if (disabled === (account.disabled === 1)) return;
  await updateDisabled(trx, account.uid, disabled);
  await (disabled ? deleteTerms(trx, account.uid) : insertTerms(trx, account.uid, searchTerms(account)));
  const state = { case: 'setAccountState' as const, value: { disabled, closed: false } };
  await appendOutbox(trx, chatRow(account.uid, [state], at));
}
