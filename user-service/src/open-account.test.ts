import { retryLostRace } from '@im/common/database/retry-lost-race.ts';
import { makeTestStore } from '@im/common/testing/test-store.ts';
import { expect, onTestFinished, test } from 'vitest';
import { openAccount } from './open-account.ts';
import { findAccount } from './store/account.ts';
import { migrations } from './store/migrations/index.ts';
import type { UserTables } from './store/tables.ts';

async function openStore() {
  const store = await makeTestStore();
  const database = await store.open<UserTables>(migrations);
  onTestFinished(async () => {
    await database.close();
    await store.remove();
  });
  const open = (username: string, uids: string[]) =>
    database.transaction((trx) =>
      openAccount(
        trx,
        {
          username,
          externalId: null,
          nickname: username,
          avatarUrl: '',
          passwordHash: null,
          disabled: false,
        },
        { at: 1, newUid: () => uids.shift()! },
      ),
    );
  return { store, database, open };
}

test('a uid that is somebody’s is not given again', async () => {
  const { open } = await openStore();
  expect((await open('alice', ['7'])).uid).toBe('7');
  expect((await open('berta', ['7', '7', '8'])).uid).toBe('8');
});

test('an account and the word to chat-service are made together or not at all', async () => {
  const { store, database, open } = await openStore();
  await open('alice', ['7']);
  const noted = await database.read.selectFrom('outbox').select(['topic', 'version', 'kind']).execute();
  expect(noted).toEqual([{ topic: 'n:7', version: 1, kind: 'chat' }]);
  await store.query('drop table outbox');
  await expect(open('berta', ['8'])).rejects.toThrow('outbox');
  expect(await findAccount(database.read, '8')).toBeUndefined();
});

test('who loses a race for a name runs again and sees the winner', async () => {
  const { database, open } = await openStore();
  await open('alice', ['7']);
  let looks = 0;
  const lateInsert = () =>
    database.transaction(async (trx) => {
      if (looks++ > 0) return findAccount(trx, '7');
      const winner = await findAccount(trx, '7');
      await trx
        .insertInto('account')
        .values({ ...winner!, uid: '8' })
        .execute();
      return undefined;
    });
  expect(await retryLostRace(lateInsert)).toMatchObject({ uid: '7', username: 'alice' });
});
