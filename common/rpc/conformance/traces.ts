import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ImError } from '../../errors/im-error.ts';
import { UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import type { ProcessTraces, TraceContext } from '../../telemetry/traces.ts';
import { openOtlpTraces } from '../../telemetry/traces-otlp.ts';
import { startTraceCollector, type TraceCollector } from '../../testing/trace-collector.ts';
import type { CallContext } from '../context.ts';
import type { TestNetwork } from './network.ts';

/** How calls continue the trace of what they are made for. */
export function testTraces(net: () => TestNetwork): void {
  let collector: TraceCollector;
  let traces: ProcessTraces;
  beforeEach(async () => {
    collector = await startTraceCollector();
    traces = openOtlpTraces({
      setting: { endpoint: collector.endpoint, share: 1 },
      bootId: randomUUID(),
      log: pino({ level: 'silent' }),
      metrics: new Registry(),
    });
  });
  afterEach(async () => {
    await traces.close();
    await collector.close();
  });
  const begin = () => traces.of('api-gateway').begin('a request', { kind: 'server' });
  const gateway = () => ({ traces: traces.of('api-gateway') });

  test('a call, its serving and the calls made within are one line of spans', async () => {
    const seen: (TraceContext | undefined)[] = [];
    await net().serve(
      UserService,
      {
        getUser: async (_, ctx) => {
          seen.push(ctx.trace);
          await within.batchGetUsers({}, { within: ctx });
          return {};
        },
        batchGetUsers: async () => ({}),
      },
      { traces: traces.of('user-service') },
    );
    const within = net().client(UserService, 'chat-service', { traces: traces.of('user-service') });
    const users = net().client(UserService, 'chat-service', gateway());
    const request = begin();
    await users.getUser({ uid: '1' }, { trace: request.context, requestId: 'r-1' });
    request.end();
    await traces.close();
    const line = lineOf(collector, request.context);
    expect(line.map(({ service, kind, name }) => [service, kind, name.split('/').at(-1)])).toEqual([
      ['api-gateway', 'server', 'a request'],
      ['api-gateway', 'client', 'GetUser'],
      ['user-service', 'server', 'GetUser'],
      ['user-service', 'client', 'BatchGetUsers'],
      ['user-service', 'server', 'BatchGetUsers'],
    ]);
    expect(line[2]).toMatchObject({
      spanId: seen[0]?.spanId,
      attributes: { 'rpc.method': 'im.user.v1.UserService/GetUser', 'im.request_id': 'r-1' },
    });
  });

  test('a refusal is an answer like others, a failure is none', async () => {
    await net().serve(
      UserService,
      {
        getUser: async () => {
          throw new ImError('USER_NOT_FOUND', 'nobody has this uid');
        },
        batchGetUsers: async () => {
          throw new Error('a secret');
        },
      },
      { traces: traces.of('user-service') },
    );
    const users = net().client(UserService, 'chat-service', gateway());
    const request = begin();
    const options = { trace: request.context };
    await expect(users.getUser({ uid: '1' }, options)).rejects.toThrow();
    await expect(users.batchGetUsers({}, options)).rejects.toThrow();
    await traces.close();
    const told = collector.spans.map(({ kind, failure, attributes }) => [kind, failure, attributes]);
    expect(told).toHaveLength(4);
    // Those of one service are told together.
    expect(told).toEqual(
      expect.arrayContaining([
        ['server', undefined, expect.objectContaining({ 'error.type': 'USER_NOT_FOUND' })],
        ['client', undefined, expect.objectContaining({ 'error.type': 'USER_NOT_FOUND' })],
        ['server', 'INTERNAL_ERROR', expect.objectContaining({ 'rpc.response.status_code': 'INTERNAL' })],
        ['client', 'INTERNAL_ERROR', expect.objectContaining({ 'rpc.response.status_code': 'INTERNAL' })],
      ]),
    );
    expect(JSON.stringify(told)).not.toContain('a secret');
  });

  test('a call made for nothing that is traced begins no trace', async () => {
    const seen: (TraceContext | undefined)[] = [];
    const getUser = noteTrace(seen);
    await net().serve(UserService, { getUser }, { traces: traces.of('user-service') });
    await net().client(UserService, 'chat-service', gateway()).getUser({ uid: '1' });
    await traces.close();
    expect(seen).toEqual([undefined]);
    expect(collector.spans).toEqual([]);
  });

  test('where nothing is traced nothing travels', async () => {
    const seen: (TraceContext | undefined)[] = [];
    const getUser = noteTrace(seen);
    await net().serve(UserService, { getUser }, { traces: traces.of('user-service') });
    const users = net().client(UserService, 'chat-service');
    await users.getUser({ uid: '1' }, { trace: begin().context });
    await traces.close();
    expect(seen).toEqual([undefined]);
    expect(collector.spans).toEqual([]);
  });

  test('a server that traces nothing does not mind what travels', async () => {
    const seen: (TraceContext | undefined)[] = [];
    const getUser = noteTrace(seen);
    await net().serve(UserService, { getUser });
    const users = net().client(UserService, 'chat-service', gateway());
    await users.getUser({ uid: '1' }, { trace: begin().context });
    await traces.close();
    expect(seen).toEqual([undefined]);
    expect(collector.spans.map(({ kind }) => kind)).toEqual(['client']);
  });

  test('a trace that its beginner does not keep is continued and told to nobody', async () => {
    const seen: (TraceContext | undefined)[] = [];
    const getUser = noteTrace(seen);
    await net().serve(UserService, { getUser }, { traces: traces.of('user-service') });
    const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 0 };
    await net().client(UserService, 'chat-service', gateway()).getUser({ uid: '1' }, { trace: parent });
    await traces.close();
    expect(seen).toEqual([expect.objectContaining({ traceId: parent.traceId, traceFlags: 0 })]);
    expect(collector.spans).toEqual([]);
  });

  test('the log of a call names its trace', async () => {
    await net().serve(
      UserService,
      {
        getUser: async (_, ctx) => {
          ctx.log.info('here');
          return {};
        },
      },
      { traces: traces.of('user-service') },
    );
    const request = begin();
    await net()
      .client(UserService, 'chat-service', gateway())
      .getUser({ uid: '1' }, { trace: request.context });
    expect(net().logged.find(({ msg }) => msg === 'here')).toMatchObject({
      traceId: request.context.traceId,
    });
  });
}

/** A handler that notes where it stands. */
function noteTrace(seen: (TraceContext | undefined)[]) {
  return async (_: unknown, { trace }: CallContext) => {
    seen.push(trace);
    return {};
  };
}

/** The spans of a trace from its first to its last, each the child of the one before. */
function lineOf({ spans }: TraceCollector, { traceId }: TraceContext) {
  const line = [];
  for (let parent = ''; ; ) {
    const next = spans.find((span) => span.traceId === traceId && span.parentSpanId === parent);
    if (next === undefined) return line;
    line.push(next);
    parent = next.spanId;
  }
}
