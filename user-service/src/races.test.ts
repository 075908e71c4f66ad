import { expect, test } from 'vitest';
import { asKey, DEVICE, PASSWORD, startUsers } from './testing/start-users.ts';

// What several processes, or calls of one, do at the same time.

const KEY = asKey('users');
const AT_ONCE = 8;

const reasons = (outcomes: PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason.reason as string] : []));

test('of many who want a name at once one has it', async () => {
  const { api, stored } = await startUsers();
  const outcomes = await Promise.allSettled(
    Array.from({ length: AT_ONCE }, () => api.createUser({ username: 'alice', password: PASSWORD })),
  );
  expect(reasons(outcomes)).toEqual(Array.from({ length: AT_ONCE - 1 }, () => 'USERNAME_TAKEN'));
  expect(await stored('select uid from account')).toHaveLength(1);
});

test("a product's id is one account, however often it is made at once", async () => {
  const { api, stored } = await startUsers();
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, (_, i) => api.upsertUser({ externalId: 'e', nickname: `n${i}` }, KEY)),
  );
  expect(new Set(answers.map(({ user }) => user!.uid)).size).toBe(1);
  const [account] = await stored('select nickname from account');
  const terms = await stored('select term from search_term');
  // What it is found by is what it is called.
  expect(terms.map(({ term }) => term)).toContain(account!.nickname);
  expect(terms).toHaveLength(2);
});

test('failures that come at once are all counted', async () => {
  const { api, register } = await startUsers({
    throttle: { account: { free: AT_ONCE }, address: { free: 1_000 } },
  });
  await register('alice');
  const wrong = () => api.login({ username: 'alice', password: 'wrong password', device: DEVICE });
  const outcomes = await Promise.allSettled(Array.from({ length: AT_ONCE }, wrong));
  expect(new Set(reasons(outcomes))).toEqual(new Set(['BAD_CREDENTIALS']));
  await expect(wrong()).rejects.toMatchObject({ reason: 'BAD_CREDENTIALS' });
  await expect(wrong()).rejects.toMatchObject({ reason: 'LOGIN_THROTTLED' });
});
