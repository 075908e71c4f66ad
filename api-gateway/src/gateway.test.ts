import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { chatService } from '@im/chat-service';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, expect, test } from 'vitest';
import { chatStore } from './testing/chat-store.ts';
import { startGateway, type TestGateway } from './testing/start-gateway.ts';

let running: TestGateway | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

async function start(...options: Parameters<typeof startGateway>): Promise<TestGateway> {
  running = await startGateway(...options);
  return running;
}

/** A chat-service whose answers a test lets go when it wants. */
function slowChat() {
  const release = Promise.withResolvers<void>();
  const calls: AbortSignal[] = [];
  const module = chatStore(async (_request, { signal }) => {
    calls.push(signal);
    await release.promise;
    return { epoch: 'late' };
  });
  return { module, calls, release: release.resolve };
}

test('the public configuration says all a client needs to begin', async () => {
  const gateway = await start({ maxUploadBytes: 12 }, { more: [chatService] });
  const { status, json } = await gateway.request('GET /v1/config');
  expect(status).toBe(200);
  expect(json).toEqual({
    socketUrl: 'ws://127.0.0.1:8081/ws',
    registration: 'OPEN',
    maxUploadBytes: '12',
    serverVersion: expect.stringMatching(/^\d+\.\d+\.\d+/),
    epoch: expect.stringMatching(/./),
  });
  gateway.gateway.useSocketUrl(() => 'ws://127.0.0.1:4711/ws');
  expect((await gateway.request('GET /v1/config')).json.socketUrl).toBe('ws://127.0.0.1:4711/ws');
});

test('a configured socket url wins over the one that was found', async () => {
  const gateway = await start({ socketUrl: 'wss://chat.example/ws' }, { more: [chatStore()] });
  gateway.gateway.useSocketUrl(() => 'ws://127.0.0.1:4711/ws');
  expect((await gateway.request('GET /v1/config')).json.socketUrl).toBe('wss://chat.example/ws');
});

test('lives, is ready once it can tell who is signed in, and goes by the whole process when told to', async () => {
  const gateway = await start();
  expect(await gateway.request('GET /healthz')).toMatchObject({ status: 200, json: {} });
  expect(await gateway.request('GET /readyz')).toMatchObject({ status: 200, json: {} });
  gateway.gateway.useReadiness(() => 'chat-service: reads its partitions');
  const { status, headers, json } = await gateway.request('GET /readyz');
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('1');
  expect(json.error.message).toContain('chat-service');
  expect((await gateway.request('GET /healthz')).status).toBe(200);
});

test('a call that takes too long is 504', async () => {
  const chat = slowChat();
  const gateway = await start({ timeoutMs: 100 }, { more: [chat.module] });
  const { status, json } = await gateway.request('GET /v1/config');
  expect(status).toBe(504);
  expect(json.error).toMatchObject({ status: 'DEADLINE_EXCEEDED', reason: 'DEADLINE_PASSED' });
  chat.release();
});

test('what nobody foresaw is 500 and says nothing about itself', async () => {
  const broken = chatStore(async () => {
    throw new TypeError('the password of the database is 123');
  });
  const gateway = await start({}, { more: [broken] });
  const { status, json, headers } = await gateway.request('GET /v1/config');
  expect(status).toBe(500);
  expect(json.error).toMatchObject({ status: 'INTERNAL', reason: 'INTERNAL_ERROR', metadata: {} });
  expect(json.error.requestId).toBe(headers.get('x-request-id'));
  expect(JSON.stringify(json)).not.toContain('123');
});

test('a client that goes away takes its call with it', async () => {
  const chat = slowChat();
  const gateway = await start({}, { more: [chat.module] });
  const client = new AbortController();
  const answer = fetch(`${gateway.gateway.url}/v1/config`, { signal: client.signal });
  await eventually(() => expect(chat.calls).toHaveLength(1));
  client.abort();
  await expect(answer).rejects.toThrow();
  await eventually(() => expect(chat.calls[0]?.aborted).toBe(true));
  chat.release();
});

test('stopping finishes the requests under way and lets nobody in', async () => {
  const chat = slowChat();
  const gateway = await start({}, { more: [chat.module] });
  const { url } = gateway.gateway;
  const answer = gateway.request('GET /v1/config');
  await eventually(() => expect(chat.calls).toHaveLength(1));
  const stopped = gateway.gateway.stop();
  await eventually(() => expect(fetch(`${url}/healthz`)).rejects.toThrow());
  chat.release();
  const { status, headers } = await answer;
  expect(status).toBe(200);
  expect(headers.get('connection')).toBe('close');
  await stopped;
});

test('idle connections do not keep it from stopping', async () => {
  const gateway = await start();
  const socket = connect(gateway.gateway.port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  await gateway.gateway.stop();
  await closed;
});

test('draining says so and still serves', async () => {
  const gateway = await start();
  await gateway.gateway.drain?.();
  const { status, headers } = await gateway.request('GET /.well-known/jwks.json');
  expect(status).toBe(200);
  expect(headers.get('connection')).toBe('close');
  expect((await gateway.request('GET /readyz')).status).toBe(503);
});

test('a request that names no host is served as any other', async () => {
  const gateway = await start();
  const socket = connect(gateway.gateway.port, '127.0.0.1');
  socket.write('POST /v1/users HTTP/1.0\r\norigin: https://evil.example\r\n\r\n');
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 403 /);
  expect(answer).toContain('ORIGIN_NOT_ALLOWED');
});

test.each([
  ['no HTTP', 'hello\r\n\r\n', 400, 'MALFORMED_BODY'],
  ['no Host', 'GET /v1/config HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'MALFORMED_BODY'],
  ['endless headers', `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 413, 'TOO_LARGE'],
])('%s is answered in the same form', async (_name, bytes, status, reason) => {
  const gateway = await start();
  const socket = connect(gateway.gateway.port, '127.0.0.1');
  socket.write(bytes);
  const answer = await text(socket);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  const { error } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
  expect(error).toMatchObject({ code: status, reason });
  expect(answer).toContain(`x-request-id: ${error.requestId}`);
});

test('two gateways cannot have one port', async () => {
  const gateway = await start();
  await expect(startGateway({ port: gateway.gateway.port })).rejects.toThrow('EADDRINUSE');
});
