import { expect, test } from 'vitest';
import { ImError } from '../../errors/im-error.ts';
import { ChatService } from '../../gen/im/chat/v1/chat_service_pb.ts';
import { DeliveryService } from '../../gen/im/ws/v1/delivery_service_pb.ts';
import { eventually } from '../../testing/eventually.ts';
import type { CallContext } from '../context.ts';
import type { RpcHandlers } from '../types.ts';
import type { TestNetwork } from './network.ts';
import { abortOf, never, signalled } from './promise.ts';

type Deliver = RpcHandlers<typeof DeliveryService>['deliver'];

/** Answers each request with its number. */
const echo: Deliver = async function* (requests) {
  for await (const { number } of requests) yield { number };
};

/** Requests 1 to `count`. */
async function* numbers(count: number) {
  for (let number = 1; number <= count; number++) yield { number };
}

/** Requests that begin with 1 and then neither come nor end. */
async function* oneThenNothing() {
  yield { number: 1 };
  await never();
}

/** A result whose size is that of `message`. */
function failure(message: string) {
  return { case: 'error', value: { message } } as const;
}

/** Resolves when everything that can go on by itself has: nothing moved in many turns of the event loop. */
async function standsStill(position: () => number): Promise<void> {
  let last = position();
  for (let turns = 0; turns < 100; turns++) {
    await new Promise(setImmediate);
    if (position() !== last) turns = 0;
    last = position();
  }
}

/** What streams promise. */
export function testStreams(net: () => TestNetwork): void {
  const chat = () => net().client(DeliveryService, 'chat-service');
  const serve = (deliver: Deliver) => net().serve(DeliveryService, { deliver });
  const read = async (answers: AsyncIterable<{ number: number }>, into: number[] = []) => {
    for await (const { number } of answers) into.push(number);
    return into;
  };

  test('messages keep their order both ways, and the end of the requests comes through', async () => {
    await serve(echo);
    const answers = await read(chat().deliver(numbers(500)));
    expect(answers).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  });

  test('a handler may answer before, between and after the requests', async () => {
    await serve(async function* (requests) {
      yield { number: 100 };
      let sum = 0;
      for await (const { number } of requests) sum += number;
      yield { number: sum };
      yield { number: 200 };
    });
    expect(await read(chat().deliver(numbers(4)))).toEqual([100, 10, 200]);
  });

  test('a handler may end before the requests do, which lets go of them', async () => {
    const letGo = signalled();
    await serve(async function* (requests) {
      for await (const { number } of requests) {
        yield { number };
        return;
      }
    });
    const requests = (async function* () {
      try {
        for (let number = 1; ; number++) yield { number };
      } finally {
        letGo.fire();
      }
    })();
    expect(await read(chat().deliver(requests))).toEqual([1]);
    await letGo.promise;
  });

  test('messages are copies', async () => {
    const sent = { number: 1, pushes: [{ connectionIds: ['a'] }] };
    const held = { number: 1 };
    await serve(async function* (requests) {
      for await (const request of requests) {
        request.pushes[0]!.connectionIds.push('b');
        request.number = 9;
        yield held;
      }
    });
    for await (const answer of chat().deliver(
      (async function* () {
        yield sent;
      })(),
    ))
      answer.number = 9;
    expect(sent).toEqual({ number: 1, pushes: [{ connectionIds: ['a'] }] });
    expect(held).toEqual({ number: 1 });
  });

  test('a failing handler ends the stream with its error, by value, after the answers before it', async () => {
    const thrown = new ImError('VERSION_GAP', 'one is missing', { version: '3' });
    await serve(async function* () {
      yield { number: 1 };
      throw thrown;
    });
    const answers: number[] = [];
    const error = await read(chat().deliver(numbers(1)), answers).catch((error) => error);
    expect(answers).toEqual([1]);
    expect(error).not.toBe(thrown);
    expect(error).toMatchObject({
      reason: 'VERSION_GAP',
      message: 'one is missing',
      metadata: { version: '3' },
    });
  });

  test('an unforeseen failure is masked and logged', async () => {
    await serve(async function* () {
      yield { number: 1 };
      throw new Error('hunter2');
    });
    await expect(read(chat().deliver(numbers(1)))).rejects.toMatchObject({
      reason: 'INTERNAL_ERROR',
      message: 'internal error',
    });
    expect(net().logged.find((line) => line.level === 50)).toMatchObject({ err: { message: 'hunter2' } });
  });

  test('requests that fail cancel the call, and the caller finds the cause', async () => {
    const began = signalled();
    const told = signalled<unknown>();
    await serve(async function* (requests, ctx) {
      began.fire();
      abortOf(ctx.signal).then(told.fire);
      yield* echo(requests, ctx);
    });
    const cause = new Error('no more');
    const requests = (async function* () {
      yield { number: 1 };
      await began.promise;
      throw cause;
    })();
    const error = await read(chat().deliver(requests)).catch((error) => error);
    expect(error).toMatchObject({ reason: 'CALL_CANCELLED', cause });
    expect(await told.promise).toMatchObject({ reason: 'CALL_CANCELLED' });
  });

  test('a caller that stops reading aborts the handler and ends its requests', async () => {
    const told = signalled<unknown>();
    const ended = signalled();
    await serve(async function* (requests, ctx) {
      abortOf(ctx.signal).then(told.fire);
      yield* echo(requests, ctx);
      ended.fire();
    });
    for await (const _ of chat().deliver(oneThenNothing())) break;
    expect(await told.promise).toMatchObject({ reason: 'CALL_CANCELLED' });

    // The same for a handler that is waiting for a request rather than for its reader.
    const answers = chat().deliver(oneThenNothing())[Symbol.asyncIterator]();
    await answers.next();
    const next = answers.next();
    await answers.return?.();
    expect((await next).done).toBe(true);
    await ended.promise;
  });

  test('what a handler throws when its call has ended is logged', async () => {
    await serve(async function* (requests, ctx) {
      try {
        yield* echo(requests, ctx);
      } finally {
        await Promise.reject(new Error('could not clean up'));
      }
    });
    for await (const _ of chat().deliver(oneThenNothing())) break;
    await eventually(() =>
      expect(net().logged.find((line) => line.level === 50)).toMatchObject({
        err: { message: 'could not clean up' },
      }),
    );
  });

  test('a signal that aborts ends the stream at once on both sides', async () => {
    const told = signalled<unknown>();
    const caller = new AbortController();
    await serve(async function* (requests, ctx) {
      abortOf(ctx.signal).then(told.fire);
      yield* echo(requests, ctx);
      await never();
    });
    const answers = chat().deliver(oneThenNothing(), { signal: caller.signal })[Symbol.asyncIterator]();
    expect((await answers.next()).value).toMatchObject({ number: 1 });
    const next = answers.next();
    caller.abort();
    await expect(next).rejects.toMatchObject({ reason: 'CALL_CANCELLED' });
    expect(await told.promise).toMatchObject({ reason: 'CALL_CANCELLED' });
    expect((await answers.next()).done).toBe(true);
  });

  test('a slow reader slows the handler, and a slow handler the requests', async () => {
    // Large, because a network counts the bytes that are under way.
    const large = 'x'.repeat(16_384);
    let asked = 0;
    let made = 0;
    await net().serve(ChatService, {
      async *sendStream(requests) {
        for await (const { items } of requests) {
          made++;
          yield { results: items.map(({ itemId }) => ({ itemId, result: failure(large) })) };
        }
      },
    });
    const requests = (async function* () {
      for (let itemId = 1; itemId <= 10_000; itemId++) {
        asked++;
        yield { items: [{ itemId, sessionId: large }] };
      }
    })();
    const gateway = net().client(ChatService, 'ws-gateway');
    const answers = gateway.sendStream(requests)[Symbol.asyncIterator]();
    for (let taken = 0; taken < 10; taken++) await answers.next();
    await standsStill(() => asked + made);
    expect(made).toBeLessThan(100);
    expect(asked).toBeLessThan(200);
    await answers.return?.();
  });

  test('a stream has no deadline, and its handler knows the request and the caller', async () => {
    const contexts: CallContext[] = [];
    await serve(async function* (requests, ctx) {
      contexts.push(ctx);
      yield* echo(requests, ctx);
    });
    await read(chat().deliver(numbers(1), { requestId: 'r-1', timeoutMs: 1 }));
    expect(contexts[0]).toMatchObject({
      requestId: 'r-1',
      deadlineAt: Number.POSITIVE_INFINITY,
      caller: { kind: 'service', service: 'chat-service' },
    });
  });

  test('a stream to a service that is not there is SERVICE_AWAY', async () => {
    await expect(read(chat().deliver(numbers(1)))).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  });

  test('a server that stops ends its streams with SHUTTING_DOWN', async () => {
    const told = signalled<unknown>();
    const server = await serve(async function* (requests, ctx) {
      abortOf(ctx.signal).then(told.fire);
      yield* echo(requests, ctx);
      await never();
    });
    const answers = chat().deliver(oneThenNothing())[Symbol.asyncIterator]();
    await answers.next();
    const next = answers.next();
    const stopped = server.stop(60_000);
    await expect(next).rejects.toMatchObject({ reason: 'SHUTTING_DOWN', status: 'UNAVAILABLE' });
    expect(await told.promise).toMatchObject({ reason: 'SHUTTING_DOWN' });
    await stopped;
    await expect(read(chat().deliver(numbers(1)))).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  });

  test('many streams and their messages do not mix', async () => {
    await serve(echo);
    const all = await Promise.all([1, 10, 100, 50].map((count) => read(chat().deliver(numbers(count)))));
    expect(all.map((answers) => answers.length)).toEqual([1, 10, 100, 50]);
    await eventually(async () =>
      expect(await net().metrics.metrics()).toContain(
        'rpc_server_duration_seconds_count{method="im.ws.v1.DeliveryService/Deliver",code="OK"} 4',
      ),
    );
  });
}
