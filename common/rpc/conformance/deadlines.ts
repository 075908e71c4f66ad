import { expect, test } from 'vitest';
import { ImError } from '../../errors/im-error.ts';
import { UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import { eventually } from '../../testing/eventually.ts';
import type { CallContext } from '../context.ts';
import type { TestNetwork } from './network.ts';
import { abortOf, never, signalled } from './promise.ts';

/**
 * What a handler may be told when its time is up: over a network its caller may
 * hang up before its own clock, which started later, runs out.
 */
const OVER = ['DEADLINE_PASSED', 'CALL_CANCELLED'];

/** When a call ends although its handler has not. */
export function testDeadlines(net: () => TestNetwork): void {
  test('a call ends at its deadline although the handler hangs, and the handler is told', async () => {
    const told = signalled<unknown>();
    await net().serve(UserService, {
      getUser: async (_, ctx) => {
        abortOf(ctx.signal).then(told.fire);
        return await never();
      },
    });
    const users = net().client(UserService, 'chat-service');
    await expect(users.getUser({ uid: '1' }, { timeoutMs: 500 })).rejects.toMatchObject({
      reason: 'DEADLINE_PASSED',
      status: 'DEADLINE_EXCEEDED',
    });
    expect(OVER).toContain(((await told.promise) as ImError).reason);
  });

  test('an answer after the deadline is not seen, nor a failure, which is logged', async () => {
    const gone = signalled();
    await net().serve(UserService, {
      getUser: async (_, ctx) => {
        await abortOf(ctx.signal);
        return {};
      },
      batchGetUsers: async (_, ctx) => {
        await abortOf(ctx.signal);
        gone.fire();
        throw new Error('too late');
      },
    });
    const users = net().client(UserService, 'chat-service');
    await expect(users.getUser({ uid: '1' }, { timeoutMs: 300 })).rejects.toMatchObject({
      reason: 'DEADLINE_PASSED',
    });
    await expect(users.batchGetUsers({}, { timeoutMs: 300 })).rejects.toMatchObject({
      reason: 'DEADLINE_PASSED',
    });
    await gone.promise;
    await eventually(() => expect(net().logged).toContainEqual(expect.objectContaining({ level: 50 })));
  });

  test('an answer that came too late because the thread was busy is not seen either', async () => {
    await net().serve(UserService, {
      getUser: async () => {
        const until = performance.now() + 20;
        while (performance.now() < until);
        return {};
      },
    });
    const users = net().client(UserService, 'chat-service');
    await expect(users.getUser({ uid: '1' }, { timeoutMs: 5 })).rejects.toMatchObject({
      reason: 'DEADLINE_PASSED',
    });
  });

  test('without a deadline of its own a call has 2,000 ms, and a caller cannot have more', async () => {
    const left: number[] = [];
    await net().serve(UserService, {
      getUser: async (_, ctx) => {
        left.push(ctx.deadlineAt - performance.now());
        return {};
      },
    });
    const users = net().client(UserService, 'chat-service');
    await users.getUser({ uid: '1' });
    await users.getUser({ uid: '1' }, { timeoutMs: 60_000 });
    await users.getUser({ uid: '1' }, { timeoutMs: 1_000 });
    expect(left[0]).toBeLessThanOrEqual(2_001);
    expect(left[0]).toBeGreaterThan(1_000);
    expect(left[1]).toBeLessThanOrEqual(2_001);
    expect(left[2]).toBeLessThanOrEqual(1_001);
  });

  test('what is left of a deadline is inherited', async () => {
    const inner = signalled<{ ctx: CallContext; leftMs: number }>();
    let outer: CallContext | undefined;
    let outerLeftMs = 0;
    await net().serve(UserService, {
      getUser: async (_, ctx) => {
        outer = ctx;
        outerLeftMs = ctx.deadlineAt - performance.now();
        await users.batchGetUsers({}, { within: ctx, timeoutMs: 1_500 });
        return {};
      },
      batchGetUsers: async (_, ctx) => {
        inner.fire({ ctx, leftMs: ctx.deadlineAt - performance.now() });
        return await never();
      },
    });
    const users = net().client(UserService, 'chat-service');
    // Long enough for both calls to begin on a busy machine.
    await expect(users.getUser({ uid: '1' }, { timeoutMs: 1_000 })).rejects.toMatchObject({
      reason: 'DEADLINE_PASSED',
    });
    const { ctx, leftMs } = await inner.promise;
    // Whole milliseconds travel, rounded up.
    expect(leftMs).toBeLessThanOrEqual(outerLeftMs + 2);
    await abortOf(ctx.signal);
    await abortOf(outer!.signal);
    const late = await users.batchGetUsers({}, { within: outer }).catch((error) => error);
    expect(OVER).toContain(late.reason);
  });

  test('a caller that gives up gets CALL_CANCELLED at once and the handler is told, through all calls', async () => {
    const inner = signalled<unknown>();
    const began = signalled();
    await net().serve(UserService, {
      getUser: async (_, ctx) => {
        await users.batchGetUsers({}, { within: ctx });
        return {};
      },
      batchGetUsers: async (_, ctx) => {
        began.fire();
        inner.fire(await abortOf(ctx.signal));
        throw new Error('of no interest');
      },
    });
    const users = net().client(UserService, 'chat-service');
    const caller = new AbortController();
    const call = users.getUser({ uid: '1' }, { signal: caller.signal });
    await began.promise;
    caller.abort();
    const error = await call.catch((error) => error);
    expect(error).toBeInstanceOf(ImError);
    expect(error).toMatchObject({ reason: 'CALL_CANCELLED' });
    expect(await inner.promise).toMatchObject({ reason: 'CALL_CANCELLED' });
  });

  test('a call whose caller had given up before never begins', async () => {
    let served = 0;
    await net().serve(UserService, {
      getUser: async () => {
        served++;
        return {};
      },
    });
    const users = net().client(UserService, 'chat-service');
    await expect(users.getUser({ uid: '1' }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      reason: 'CALL_CANCELLED',
    });
    await expect(users.getUser({ uid: '1' }, { timeoutMs: 0 })).rejects.toMatchObject({
      reason: 'DEADLINE_PASSED',
    });
    expect(served).toBe(0);
  });
}
