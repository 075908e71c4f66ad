import { makeTestStore } from '@im/common/testing/test-store.ts';
import { expect, onTestFinished, test } from 'vitest';
import { userConfig } from './config.ts';
import { findThrottle, insertThrottle } from './store/login-throttle.ts';
import { migrations } from './store/migrations/index.ts';
import type { UserTables } from './store/tables.ts';
import { sweepThrottle } from './throttle-sweep.ts';

test('failures that are forgotten are deleted, others stay', async () => {
  const store = await makeTestStore();
  const database = await store.open<UserTables>(migrations);
  onTestFinished(async () => {
    await database.close();
    await store.remove();
  });
  const config = userConfig.parse({});
  const { account, forgetAfterMs } = config.throttle;
  const now = 10 * forgetAfterMs;
  const forgotten = now - forgetAfterMs - account.mostDelayMs - 1;
  await database.transaction(async (trx) => {
    for (let i = 0; i < 1001; i++) {
      const row = { throttle_key: `old${i}`, failures: 1, blocked_until: 0, updated_at: forgotten };
      await insertThrottle(trx, row);
    }
    await insertThrottle(trx, {
      throttle_key: 'new',
      failures: 20,
      blocked_until: 0,
      updated_at: forgotten + 1,
    });
  });
  expect(await sweepThrottle({ config, database, now: () => now })).toBe(1001);
  expect(await findThrottle(database.read, 'old0')).toBeUndefined();
  expect(await findThrottle(database.read, 'new')).toMatchObject({ failures: 20 });
});
