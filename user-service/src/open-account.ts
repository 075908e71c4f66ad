import { ImError } from '@im/common/errors/im-error.ts';
import { appendOutbox } from '@im/common/model/outbox.ts';
import type { Transaction } from 'kysely';
import { chatRow, type RecordKind } from './domain/outbox-rows.ts';
import { searchTerms } from './domain/search-terms.ts';
import { type Account, findAccount, findByUsername, insertAccount } from './store/account.ts';
import { insertTerms } from './store/search-term.ts';
import type { UserTables } from './store/tables.ts';

/** How often a random uid may be somebody's already; with 53 bits even once is news. */
const UID_TRIES = 10;

/** What is chosen when an account is made. */
export interface NewAccount {
  username: string | null;
  externalId: string | null;
  nickname: string;
  avatarUrl: string;
  passwordHash: string | null;
  disabled: boolean;
}

/**
 * Makes an account together with the word to chat-service that it can be written
 * to. Throws USERNAME_TAKEN.
 */
export async function openAccount(
  trx: Transaction<UserTables>,
  wanted: NewAccount,
  { at, newUid }: { at: number; newUid: () => string },
): Promise<Account> {
  await refuseTaken(trx, wanted.username);
  const account: Account = {
    uid: await freeUid(trx, newUid),
    username: wanted.username,
    external_id: wanted.externalId,
    nickname: wanted.nickname,
    avatar_url: wanted.avatarUrl,
    bio: '',
    settings: '{}',
    password_hash: wanted.passwordHash,
    credential_no: 0,
    disabled: wanted.disabled ? 1 : 0,
    revision: 0,
    created_at: at,
  };
  await insertAccount(trx, account);
  if (!wanted.disabled) await insertTerms(trx, account.uid, searchTerms(account));
  const opened: RecordKind[] = [{ case: 'openAccount', value: {} }];
  if (wanted.disabled) {
    opened.push({ case: 'setAccountState', value: { disabled: true, closed: false } });
  }
  await appendOutbox(trx, chatRow(account.uid, opened, at));
  return account;
}

/** Throws USERNAME_TAKEN when somebody has that folded username. */
export async function refuseTaken(trx: Transaction<UserTables>, username: string | null): Promise<void> {
  if (username !== null && (await findByUsername(trx, username))) {
    throw new ImError('USERNAME_TAKEN', 'this username is taken');
  }
}

async function freeUid(trx: Transaction<UserTables>, newUid: () => string): Promise<string> {
  for (let tries = 0; tries < UID_TRIES; tries++) {
    const uid = newUid();
    if (!(await findAccount(trx, uid))) return uid;
  }
  throw new Error('no free uid was found');
}
