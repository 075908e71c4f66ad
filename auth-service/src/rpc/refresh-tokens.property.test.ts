import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AuthProcess, DAY_MS, MINUTE_MS, reasonOf, startAuthProcess } from '../testing/auth-process.ts';

const RUNS = 60;

let auth: AuthProcess;
beforeAll(async () => {
  auth = await startAuthProcess();
});
afterAll(() => auth.process.stop());

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('newest' as const), times: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('earlier' as const), back: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, MINUTE_MS / 2, MINUTE_MS, MINUTE_MS + 1, 29 * DAY_MS, 30 * DAY_MS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('logout' as const) }) },
);

test('any order of refreshes follows the rules of refresh tokens', async () => {
  let users = 0;
  const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
    users += 1;
    const { tokens, as } = await auth.login(String(users), 'phone');
    const made = [tokens.refreshToken];
    let rotatedAt = auth.clock.at;
    let ended = false;

    for (const action of steps) {
      const { at } = auth.clock;
      const refusal = ended ? 'SESSION_REVOKED' : at >= rotatedAt + 30 * DAY_MS ? 'TOKEN_EXPIRED' : undefined;
      switch (action.kind) {
        case 'wait':
          auth.clock.at += action.ms;
          break;
        case 'logout':
          await auth.gateway.logout({}, as);
          // An expired session is over already.
          if (refusal === undefined) ended = true;
          break;
        case 'newest': {
          const newest = made.at(-1) ?? '';
          const answers = await Promise.all(Array.from({ length: action.times }, () => outcomeOf(newest)));
          const [first = ''] = answers;
          expect(new Set(answers).size).toBe(1);
          if (refusal) {
            expect(first).toBe(refusal);
          } else {
            expect(made).not.toContain(first);
            expect(first).toMatch(/^[^.]+\.[0-9]+\.[^.]+$/);
            made.push(first);
            rotatedAt = at;
          }
          break;
        }
        case 'earlier': {
          const token = made.at(-1 - action.back);
          if (token === undefined) break;
          const outcome = await outcomeOf(token);
          if (refusal) {
            expect(outcome).toBe(refusal);
          } else if (action.back === 1 && at - rotatedAt <= MINUTE_MS) {
            expect(outcome).toBe(made.at(-1));
          } else {
            expect(outcome).toBe('SESSION_REVOKED');
            ended = true;
          }
        }
      }
    }
  });
  await fc.assert(property, { numRuns: RUNS });
});

/** The successor, or the reason there is none. */
async function outcomeOf(refreshToken: string): Promise<string> {
  const answer = auth.refresh(refreshToken);
  const reason = await reasonOf(answer);
  return reason === 'accepted' ? (await answer).refreshToken : reason;
}
