import { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MOST_AHEAD_MS } from './birth.ts';
import {
  ENDED_KEPT_MS,
  type NewSession,
  ONLINE_KEPT_MS,
  REVOCATIONS_KEPT_MS,
  type Rotation,
  type Sessions,
} from './sessions.ts';

/** A time that is no full second. */
export const CONFORMANCE_START = 1_700_000_000_250;

const LIFETIME_MS = 30 * 24 * 60 * 60_000;
const MANY = 100;

export interface OpenedSessions {
  sessions: Sessions;
  /** Closes the store and opens it again on the same content, at a later time. */
  reopen(now: number): Promise<Sessions>;
  close(): Promise<void>;
}

/** What every implementation of Sessions promises. `open` gives an empty one, born at CONFORMANCE_START. */
export function sessionsConformance(name: string, open: () => Promise<OpenedSessions>): void {
  describe(`sessions: ${name}`, () => {
    let opened: OpenedSessions;
    let sessions: Sessions;
    const start = CONFORMANCE_START;

    beforeEach(async () => {
      opened = await open();
      sessions = opened.sessions;
    });
    afterEach(() => opened.close());

    const revoked = async (cursor?: string) =>
      (await sessions.revocationsSince(cursor, MANY)).revocations.map((entry) => entry.sessionId);

    test('a session is found as it was opened', async () => {
      const phone = session('phone');
      await sessions.open(phone, 'many');
      expect(await sessions.find('phone')).toEqual({ ...phone, endedAt: undefined });
      expect(await sessions.find('tablet')).toBeUndefined();
    });

    test('a user has those sessions that are neither ended nor expired, last seen first', async () => {
      await sessions.open(session('old', { lastSeenAt: start + 1 }), 'many');
      await sessions.open(session('new', { lastSeenAt: start + 2 }), 'many');
      await sessions.open(session('short', { family: family({ expiresAt: start + 10 }) }), 'many');
      await sessions.open(session('another', { uid: '2' }), 'many');
      const ids = async (now: number) => (await sessions.list('1', now)).map(({ sessionId }) => sessionId);
      expect(await ids(start + 9)).toEqual(['new', 'old', 'short']);
      expect(await ids(start + 10)).toEqual(['new', 'old']);
      await sessions.end({ uid: '1', sessionId: 'new' }, SignOutReason_Value.REVOKED, start + 11);
      expect(await ids(start + 11)).toEqual(['old']);
    });

    test('the same device of the same user has one session', async () => {
      await sessions.open(session('first', { deviceId: 'd' }), 'many');
      await sessions.open(session('other-user', { deviceId: 'd', uid: '2' }), 'many');
      await sessions.open(session('other-device', { deviceId: 'D' }), 'many');
      await sessions.open(session('second', { deviceId: 'd', createdAt: start + 5 }), 'many');
      expect((await sessions.find('first'))?.endedAt).toBe(start + 5);
      expect((await sessions.list('1', start + 5)).map((live) => live.deviceId).sort()).toEqual(['D', 'd']);
      expect((await sessions.revocationsSince(undefined, MANY)).revocations).toEqual([
        { sessionId: 'first', uid: '1', reason: SignOutReason_Value.REPLACED },
      ]);
    });

    test('logins of one device at once leave one session', async () => {
      const ids = ['a', 'b', 'c', 'd'];
      await Promise.all(ids.map((id) => sessions.open(session(id, { deviceId: 'same' }), 'many')));
      expect(await sessions.list('1', start)).toHaveLength(1);
      expect(await revoked()).toHaveLength(3);
    });

    test.each([
      ['many', []],
      ['one-per-platform', ['old-phone', 'tablet']],
      ['one', ['old-phone', 'tablet', 'laptop']],
    ] as const)('with %s a new phone displaces %j', async (policy, displaced) => {
      await sessions.open(session('old-phone'), 'many');
      await sessions.open(session('tablet'), 'many');
      await sessions.open(session('laptop', { platform: Platform_Value.MACOS }), 'many');
      await sessions.open(session('another', { uid: '2' }), 'many');
      await sessions.open(session('new-phone', { createdAt: start + 5 }), policy);
      const { revocations } = await sessions.revocationsSince(undefined, MANY);
      expect(revocations.map(({ sessionId }) => sessionId).sort()).toEqual([...displaced].sort());
      for (const { reason } of revocations) expect(reason).toBe(SignOutReason_Value.REPLACED);
      const live = (await sessions.list('1', start + 5)).map(({ sessionId }) => sessionId);
      const all = ['old-phone', 'tablet', 'laptop', 'new-phone'];
      expect(live.sort()).toEqual(all.filter((id) => !displaced.some((each) => each === id)).sort());
      expect(await sessions.list('2', start + 5)).toHaveLength(1);
    });

    test('logins at once leave as many sessions as the policy has room for', async () => {
      const ids = ['a', 'b', 'c', 'd'];
      await Promise.all(ids.map((id) => sessions.open(session(id), 'one')));
      expect(await sessions.list('1', start)).toHaveLength(1);
    });

    test('a rotation moves the family on', async () => {
      await sessions.open(session('phone'), 'many');
      expect(await sessions.rotate(rotation({ address: '10.0.0.2' }))).toBe(true);
      expect(await sessions.find('phone')).toMatchObject({
        lastSeenAt: start + 20,
        address: '10.0.0.2',
        family: {
          generation: 2,
          newestHash: 'hash 2',
          previousHash: 'hash 1',
          rotatedAt: start + 20,
          expiresAt: start + 20 + LIFETIME_MS,
        },
      });
      await sessions.rotate(rotation({ fromGeneration: 2, newestHash: 'hash 3', address: '' }));
      expect(await sessions.find('phone')).toMatchObject({
        address: '10.0.0.2',
        family: { generation: 3, newestHash: 'hash 3', previousHash: 'hash 2' },
      });
    });

    test('of several rotations from one generation one counts', async () => {
      await sessions.open(session('phone'), 'many');
      const results = await Promise.all(
        ['x', 'y', 'z'].map((newestHash) => sessions.rotate(rotation({ newestHash }))),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await sessions.find('phone'))?.family.newestHash).toBe(['x', 'y', 'z'][results.indexOf(true)]);
    });

    test('an ended session, or none, is not rotated', async () => {
      await sessions.open(session('phone'), 'many');
      await sessions.end({ uid: '1', sessionId: 'phone' }, SignOutReason_Value.REVOKED, start + 1);
      expect(await sessions.rotate(rotation())).toBe(false);
      expect((await sessions.find('phone'))?.family.generation).toBe(1);
      expect(await sessions.rotate(rotation({ sessionId: 'tablet' }))).toBe(false);
    });

    test('only the sessions of the choice are ended', async () => {
      await sessions.open(session('old'), 'many');
      await sessions.open(session('kept', { createdAt: start + 1 }), 'many');
      await sessions.open(session('at', { createdAt: start + 2 }), 'many');
      await sessions.open(session('late', { createdAt: start + 3 }), 'many');
      await sessions.open(session('another', { uid: '2' }), 'many');
      const choice = { uid: '1', exceptSessionId: 'kept', createdBefore: start + 2 };
      expect(await sessions.end(choice, SignOutReason_Value.DISABLED, start + 9)).toBe(1);
      expect(await revoked()).toEqual(['old']);
      expect(
        await sessions.end({ uid: '2', sessionId: 'kept' }, SignOutReason_Value.REVOKED, start + 9),
      ).toBe(0);
      expect(await sessions.end({ uid: '1' }, SignOutReason_Value.DISABLED, start + 9)).toBe(3);
      expect(await sessions.list('1', start + 9)).toEqual([]);
      expect(await sessions.list('2', start + 9)).toHaveLength(1);
    });

    test('a session ends once and keeps its first reason', async () => {
      await sessions.open(session('phone'), 'many');
      const choice = { uid: '1', sessionId: 'phone' };
      const ended = await Promise.all([
        sessions.end(choice, SignOutReason_Value.PASSWORD_CHANGED, start + 1),
        sessions.end(choice, SignOutReason_Value.REVOKED, start + 2),
      ]);
      expect(ended.toSorted()).toEqual([0, 1]);
      const { revocations } = await sessions.revocationsSince(undefined, MANY);
      expect(revocations).toHaveLength(1);
      expect((await sessions.find('phone'))?.endedAt).toBe(start + 1 + ended.indexOf(1));
    });

    test('an expired session is not ended and leaves no revocation', async () => {
      await sessions.open(session('phone', { family: family({ expiresAt: start + 10 }) }), 'many');
      expect(await sessions.end({ uid: '1' }, SignOutReason_Value.REVOKED, start + 10)).toBe(0);
      expect(await revoked()).toEqual([]);
    });

    test('revocations come in order, each cursor goes on where its page stopped', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e'];
      for (const id of ids) await sessions.open(session(id), 'many');
      const empty = await sessions.revocationsSince(undefined, MANY);
      expect(empty.revocations).toEqual([]);
      for (const id of ids) {
        await sessions.end({ uid: '1', sessionId: id }, SignOutReason_Value.REVOKED, start + 1);
      }
      const first = await sessions.revocationsSince(empty.cursor, 2);
      const second = await sessions.revocationsSince(first.cursor, 2);
      const third = await sessions.revocationsSince(second.cursor, 2);
      const read = [first, second, third].flatMap((page) => page.revocations.map((entry) => entry.sessionId));
      expect(read).toEqual(ids);
      expect((await sessions.revocationsSince(third.cursor, 2)).revocations).toEqual([]);
      expect(await revoked()).toEqual(ids);
    });

    test('a cursor that this store did not give reads all', async () => {
      await sessions.open(session('a'), 'many');
      await sessions.end({ uid: '1' }, SignOutReason_Value.REVOKED, start + 1);
      const { cursor } = await sessions.revocationsSince(undefined, MANY);
      const [born, place] = cursor.split('.');
      for (const foreign of ['', 'x', `${Number(born) - 1_000}.${place}`, `${born}.${Number(place) + 1}`]) {
        expect(await revoked(foreign), foreign).toEqual(['a']);
      }
    });

    test('a sweep forgets old revocations, and cursors go on to work', async () => {
      for (const id of ['a', 'b']) await sessions.open(session(id), 'many');
      await sessions.end({ uid: '1', sessionId: 'a' }, SignOutReason_Value.REVOKED, start);
      await sessions.end({ uid: '1', sessionId: 'b' }, SignOutReason_Value.REVOKED, start + 5);
      const before = await sessions.revocationsSince(undefined, MANY);
      await sessions.sweep(start + REVOCATIONS_KEPT_MS - 1);
      expect(await revoked()).toEqual(['a', 'b']);
      await sessions.sweep(start + REVOCATIONS_KEPT_MS);
      expect(await revoked()).toEqual(['b']);
      await sessions.sweep(start + 5 + REVOCATIONS_KEPT_MS);
      const after = await sessions.revocationsSince(undefined, MANY);
      expect(after.revocations).toEqual([]);
      await sessions.open(session('c'), 'many');
      await sessions.end({ uid: '1', sessionId: 'c' }, SignOutReason_Value.REVOKED, start + 9);
      expect(await revoked(before.cursor)).toEqual(['c']);
      expect(await revoked(after.cursor)).toEqual(['c']);
    });

    test('a sweep forgets sessions long after they expired, not before', async () => {
      const expiresAt = start + 10;
      await sessions.open(session('ended', { family: family({ expiresAt }) }), 'many');
      await sessions.open(session('expired', { family: family({ expiresAt }) }), 'many');
      await sessions.open(session('live'), 'many');
      await sessions.end({ uid: '1', sessionId: 'ended' }, SignOutReason_Value.REVOKED, start + 1);
      await sessions.sweep(expiresAt + ENDED_KEPT_MS - 1);
      expect((await sessions.find('ended'))?.endedAt).toBe(start + 1);
      expect(await sessions.find('expired')).toBeDefined();
      await sessions.sweep(expiresAt + ENDED_KEPT_MS);
      expect(await sessions.find('ended')).toBeUndefined();
      expect(await sessions.find('expired')).toBeUndefined();
      expect(await sessions.find('live')).toBeDefined();
    });

    const listed = async (now: number) =>
      (await sessions.list('1', now)).map(({ sessionId, online, lastSeenAt }) => [
        sessionId,
        online,
        lastSeenAt - start,
      ]);
    const report = (at: number, online: string[], offline: string[] = [], gatewayBootId = 'gateway') =>
      sessions.report({ gatewayBootId, online, offline, at: start + at });

    test('a session is online from a report to the next one that says otherwise', async () => {
      await sessions.open(session('phone'), 'many');
      await sessions.open(session('tablet'), 'many');
      expect(await listed(start)).toEqual([
        ['phone', false, 0],
        ['tablet', false, 0],
      ]);
      await report(10, ['tablet']);
      expect(await listed(start + 11)).toEqual([
        ['tablet', true, 10],
        ['phone', false, 0],
      ]);
      await report(20, ['phone'], ['tablet']);
      expect(await listed(start + 21)).toEqual([
        ['phone', true, 20],
        ['tablet', false, 20],
      ]);
    });

    test('what is repeated stays online, what is not was last seen when it was last reported', async () => {
      await sessions.open(session('phone'), 'many');
      await sessions.open(session('tablet'), 'many');
      await report(0, ['phone', 'tablet']);
      await report(10_000, ['phone']);
      await report(20_000, ['phone']);
      const later = ONLINE_KEPT_MS + 1;
      for (const sweep of [false, true]) {
        if (sweep) await sessions.sweep(start + later);
        expect(await listed(start + later)).toEqual([
          ['phone', true, 20_000],
          ['tablet', false, 0],
        ]);
      }
      await sessions.sweep(start + 20_000 + ONLINE_KEPT_MS);
      expect(await listed(start + 20_000 + ONLINE_KEPT_MS)).toEqual([
        ['phone', false, 20_000],
        ['tablet', false, 0],
      ]);
    });

    test('a session is online as long as any gateway holds it', async () => {
      await sessions.open(session('phone'), 'many');
      await report(1, ['phone'], [], 'one');
      await report(2, ['phone'], [], 'other');
      await report(3, [], ['phone'], 'one');
      expect(await listed(start + 4)).toEqual([['phone', true, 3]]);
      await report(5, [], ['phone'], 'other');
      expect(await listed(start + 6)).toEqual([['phone', false, 5]]);
    });

    test('a report may come again, late, and about sessions that nobody knows', async () => {
      await sessions.open(session('phone', { lastSeenAt: start + 50 }), 'many');
      await report(9, ['phone', 'nobody', 'phone'], ['nowhere']);
      await report(9, ['phone', 'nobody', 'phone'], ['nowhere']);
      await report(10, [], ['phone']);
      expect(await listed(start + 60)).toEqual([['phone', false, 50]]);
      await report(11, []);
    });

    test('a great report is taken as a whole', async () => {
      const ids = Array.from({ length: 1_200 }, (_, i) => `session ${i}`);
      await sessions.open(session(ids.at(-1)!), 'many');
      await report(5, ids);
      expect(await listed(start + 6)).toEqual([[ids.at(-1), true, 5]]);
      await report(7, [], ids);
      expect(await listed(start + 8)).toEqual([[ids.at(-1), false, 7]]);
    });

    test('a user was last seen on the device that was seen last, one that was signed out included', async () => {
      await sessions.open(session('phone'), 'many');
      await sessions.open(session('tablet', { lastSeenAt: start + 5 }), 'many');
      await sessions.open(session('another', { uid: '2', lastSeenAt: start + 1 }), 'many');
      const seen = async () =>
        Object.fromEntries(
          [...(await sessions.lastSeen(['1', '2', '3']))].map(([uid, at]) => [uid, at - start]),
        );
      expect(await seen()).toEqual({ 1: 5, 2: 1 });
      await report(10, ['phone']);
      expect(await seen()).toEqual({ 1: 10, 2: 1 });
      await report(20, [], ['phone']);
      await sessions.end({ uid: '1' }, SignOutReason_Value.REVOKED, start + 21);
      expect(await seen()).toEqual({ 1: 20, 2: 1 });
      expect(await sessions.lastSeen([])).toEqual(new Map());
    });

    test('a birth that the clock was set back behind becomes the present, and its cursors read all', async () => {
      await sessions.open(session('phone'), 'many');
      await sessions.end({ uid: '1' }, SignOutReason_Value.REVOKED, start + 1);
      const { cursor } = await sessions.revocationsSince(undefined, MANY);
      const earlier = start - 86_400_000;
      expect(await sessions.bornAt(earlier)).toBe(Math.ceil(earlier / 1_000) * 1_000);
      expect(await sessions.bornAt(start)).toBe(Math.ceil(earlier / 1_000) * 1_000);
      expect(await revoked(cursor)).toEqual(['phone']);
    });

    test('a birth a little ahead stays: it is how a restored store refuses the tokens of before', async () => {
      const birth = await sessions.bornAt(start);
      expect(await sessions.bornAt(birth - 2_000)).toBe(birth);
      expect(await sessions.bornAt(birth - MOST_AHEAD_MS)).toBe(birth);
      expect(await sessions.bornAt(birth - MOST_AHEAD_MS - 1)).toBeLessThan(birth);
    });

    test('sessions that were opened under a clock far ahead end with those opened before', async () => {
      await sessions.open(session('ahead', { createdAt: start + 86_400_000 }), 'many');
      await sessions.open(session('a-little', { createdAt: start + 1_000 }), 'many');
      const choice = { uid: '1', createdBefore: start + 1 };
      expect(await sessions.end(choice, SignOutReason_Value.DISABLED, start + 2)).toBe(1);
      expect((await sessions.find('ahead'))?.endedAt).toBe(start + 2);
    });

    test('birth is a full second, not before the opening, and stays with the content', async () => {
      const born = await sessions.bornAt(start + 60_000);
      expect(born).toBe(Math.ceil(start / 1_000) * 1_000);
      await sessions.open(session('phone'), 'many');
      await sessions.open(session('tablet'), 'many');
      await sessions.end({ uid: '1', sessionId: 'tablet' }, SignOutReason_Value.REVOKED, start + 1);
      const { cursor } = await sessions.revocationsSince(undefined, MANY);

      sessions = await opened.reopen(start + 60_000);
      expect(await sessions.bornAt(start + 60_000)).toBe(born);
      expect(await sessions.find('phone')).toMatchObject({ deviceId: 'phone', endedAt: undefined });
      expect(await revoked()).toEqual(['tablet']);
      expect(await revoked(cursor)).toEqual([]);
    });
  });
}

function session(id: string, given: Partial<NewSession> = {}): NewSession {
  return {
    sessionId: id,
    uid: '1',
    deviceId: id,
    platform: Platform_Value.IOS,
    name: `${id} of 名前`,
    createdAt: CONFORMANCE_START,
    lastSeenAt: CONFORMANCE_START,
    address: '10.0.0.1',
    family: family(),
    ...given,
  };
}

function family(given: Partial<NewSession['family']> = {}): NewSession['family'] {
  return {
    generation: 1,
    newestHash: 'hash 1',
    previousHash: '',
    rotatedAt: CONFORMANCE_START,
    expiresAt: CONFORMANCE_START + LIFETIME_MS,
    ...given,
  };
}

function rotation(given: Partial<Rotation> = {}): Rotation {
  return {
    sessionId: 'phone',
    fromGeneration: 1,
    newestHash: 'hash 2',
    expiresAt: CONFORMANCE_START + 20 + LIFETIME_MS,
    at: CONFORMANCE_START + 20,
    address: '',
    ...given,
  };
}
