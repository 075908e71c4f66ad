import { create } from '@bufbuild/protobuf';
import { Registry } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';
import { ImError, type Reason } from '../errors/im-error.ts';
import { type AuthService, ListRevokedResponseSchema } from '../gen/im/auth/v1/auth_service_pb.ts';
import { SignOutReason_Value } from '../gen/im/session/v1/session_pb.ts';
import type { RpcClient } from '../rpc/types.ts';
import { createLogger } from '../telemetry/log.ts';
import { eventually } from '../testing/eventually.ts';
import { type RevokedSessionNotice, type SessionLiveness, startSessionLiveness } from './session-liveness.ts';

const START = 1_700_000_000_000;
const KEPT_MS = 20 * 60_000;
const POLL_MS = 5;

let liveness: SessionLiveness | undefined;
afterEach(() => liveness?.close());

test('all kept revocations are known when it is ready, however many pages they are', async () => {
  const store = createStore();
  store.page = 2;
  store.revoke('a', 'b', 'c', 'd', 'e');
  const { heard, check, ready } = watch(store);
  await ready;
  expect(heard.map((notice) => notice.sessionId)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(heard[0]).toEqual({ sessionId: 'a', uid: 'uid of a', reason: SignOutReason_Value.REVOKED });
  for (const id of ['a', 'b', 'c', 'd', 'e']) expect(check(id)).toBe('SESSION_REVOKED');
  expect(check('f')).toBe('accepted');
});

test('nothing is judged before the first complete reading', async () => {
  const store = createStore();
  store.away = true;
  const { check, ready } = watch(store);
  await eventually(() => expect(store.polls).toBeGreaterThan(2));
  expect(liveness?.notReady()).toContain('auth-service');
  expect(check('a')).toBe('SERVICE_AWAY');
  store.away = false;
  await ready;
  expect(liveness?.notReady()).toBeUndefined();
  expect(check('a')).toBe('accepted');
});

test('a revocation is learnt by polling, told once, and kept until no token of it lives', async () => {
  const store = createStore();
  const { heard, check, clock, ready } = watch(store);
  await ready;
  expect(check('a')).toBe('accepted');
  store.revoke('a');
  await eventually(() => expect(check('a')).toBe('SESSION_REVOKED'));
  store.entries.length = 0;
  clock.at += KEPT_MS - 1;
  await store.nextPoll();
  expect(check('a')).toBe('SESSION_REVOKED');
  expect(heard).toHaveLength(1);
  clock.at += 1;
  await store.nextPoll();
  expect(check('a')).toBe('accepted');
});

test('while auth-service is away what is known counts; what was missed is learnt when it is back', async () => {
  const store = createStore();
  store.revoke('a');
  const { check, heard, metrics, ready } = watch(store);
  await ready;
  store.away = true;
  await store.nextPoll();
  store.revoke('b');
  await store.nextPoll();
  expect(check('a')).toBe('SESSION_REVOKED');
  expect(check('b')).toBe('accepted');
  expect(await metrics.metrics()).toMatch(/im_session_liveness_failed_polls_total [1-9]/);
  store.away = false;
  await eventually(() => expect(check('b')).toBe('SESSION_REVOKED'));
  expect(heard.map((notice) => notice.sessionId)).toEqual(['a', 'b']);
});

test('tokens from before the birth of the store are refused, and a new birth is told', async () => {
  const store = createStore();
  const { check, reborn, ready } = watch(store);
  await ready;
  expect(check('a', START - 1_000)).toBe('TOKEN_INVALID');
  expect(check('a', START)).toBe('accepted');
  expect(reborn).toEqual([]);
  store.bornAt = START + 60_000;
  await eventually(() => expect(check('a', START)).toBe('TOKEN_INVALID'));
  expect(check('a', START + 60_000)).toBe('accepted');
  expect(reborn).toEqual([START + 60_000]);
});

test('a birth that lies ahead refuses nobody for good: the clock was set back, and it is about to follow', async () => {
  const store = createStore();
  store.bornAt = START + 86_400_000;
  const { check, ready } = watch(store);
  await ready;
  expect(check('a', START)).toBe('SERVICE_AWAY');
  store.bornAt = START;
  await eventually(() => expect(check('a', START)).toBe('accepted'));
});

test('a listener that fails does not stop the others from being told', async () => {
  const store = createStore();
  store.revoke('a', 'b');
  const { check, ready } = watch(store, () => {
    throw new Error('broken listener');
  });
  await ready;
  expect(check('b')).toBe('SESSION_REVOKED');
});

test('closing ends a poll under way', async () => {
  const store = createStore();
  store.hangs = true;
  watch(store);
  await eventually(() => expect(store.polls).toBe(1));
  await liveness?.close();
  expect(store.polls).toBe(1);
});

function watch(store: ReturnType<typeof createStore>, listener?: () => void) {
  const clock = { at: START };
  const heard: RevokedSessionNotice[] = [];
  const reborn: number[] = [];
  const metrics = new Registry();
  const started = startSessionLiveness({
    auth: store.client,
    now: () => clock.at,
    clock: () => clock.at,
    log: createLogger({ level: 'silent' }),
    metrics,
    intervalMs: POLL_MS,
    onRevoked: listener ?? ((notice) => heard.push(notice)),
    onReborn: (bornAt) => reborn.push(bornAt),
  });
  liveness = started;
  return {
    clock,
    heard,
    reborn,
    metrics,
    ready: started.ready,
    check(sessionId: string, issuedAt = START): Reason | 'accepted' {
      try {
        started.check({ sessionId, issuedAt });
        return 'accepted';
      } catch (error) {
        if (error instanceof ImError) return error.reason;
        throw error;
      }
    },
  };
}

/** Answers polls as auth-service does. */
function createStore() {
  const store = {
    entries: [] as string[],
    page: 100,
    polls: 0,
    away: false,
    hangs: false,
    bornAt: START,
    revoke: (...ids: string[]) => store.entries.push(...ids),
    /** Resolves when a poll that began after the call has been answered. */
    async nextPoll() {
      const from = store.polls;
      await vi.waitFor(() => expect(store.polls).toBeGreaterThan(from + 1), { interval: 1 });
    },
    client: {
      async listRevoked({ cursor }, options) {
        store.polls += 1;
        if (store.hangs) await new Promise((_, reject) => options?.signal?.addEventListener('abort', reject));
        if (store.away) throw new ImError('SERVICE_AWAY', 'auth-service is away');
        const from = Number(cursor ?? 0);
        const revoked = store.entries.slice(from, from + store.page);
        return create(ListRevokedResponseSchema, {
          revoked: revoked.map((sessionId) => ({
            sessionId,
            uid: `uid of ${sessionId}`,
            reason: SignOutReason_Value.REVOKED,
          })),
          cursor: String(from + revoked.length),
          bornAt: new Date(store.bornAt).toISOString(),
        });
      },
    } as Partial<RpcClient<typeof AuthService>> as RpcClient<typeof AuthService>,
  };
  return store;
}
