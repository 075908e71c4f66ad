import {
  type CollectedSpan,
  startTraceCollector,
  type TraceCollector,
} from '@im/common/testing/trace-collector.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { messageOf, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

// What an operator who has a collector sees of what one request causes.

let collector: TraceCollector;
let product: Product;
let ann: Person;
let bob: Person;

const start = (endpoint: string) =>
  startProduct({
    traces: { endpoint, share: 1 },
    services: { 'chat-service': { directMessages: 'anyone' } },
  });

beforeAll(async () => {
  collector = await startTraceCollector();
  product = await start(collector.endpoint);
  ({ ann, bob } = await people(product, 'ann', 'bob'));
});
afterAll(async () => {
  await product.stop();
  await collector.close();
});

/** Waits until the trace has a span of that name, and gives the line from its first span down to that one. */
async function lineTo(name: string, isOfTrace: (span: CollectedSpan) => boolean): Promise<CollectedSpan[]> {
  return vi.waitFor(
    () => {
      const first = collector.spans.find(isOfTrace);
      const spans = collector.spans.filter(({ traceId }) => traceId === first?.traceId);
      const line: CollectedSpan[] = [];
      for (let span = spans.find((each) => each.name === name); span; ) {
        line.unshift(span);
        const { parentSpanId } = span;
        span = spans.find(({ spanId }) => spanId === parentSpanId);
      }
      // The first span of the trace ends last.
      expect(line[0]).toEqual(first);
      expect(line.length).toBeGreaterThan(1);
      return line;
    },
    { timeout: 15_000 },
  );
}

const shown = (line: readonly CollectedSpan[]) =>
  line.map(({ service, kind, name }) => `${service} ${kind} ${name}`);

test('a message sent by HTTP is one trace, from the request to its delivery', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const url = `${product.server.httpUrl}/v1/conversations/u:${bob.uid}/messages`;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${ann.signedIn.tokens.accessToken}`,
      'content-type': 'application/json',
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    },
    body: JSON.stringify({ clientMsgId: 'm1', content: { text: { text: 'hello' } } }),
  });
  expect(response.status).toBe(200);
  const line = await lineTo('delivery take', ({ parentSpanId }) => parentSpanId === 'b7ad6b7169203331');
  expect(shown(line)).toEqual([
    'api-gateway server POST /v1/conversations/:conversationId/messages',
    'api-gateway client im.chat.v1.ChatService/SendMessage',
    'chat-service server im.chat.v1.ChatService/SendMessage',
    'chat-service producer publish',
    'chat-service consumer delivery take',
  ]);
  expect(line[0]).toMatchObject({
    traceId,
    attributes: {
      'http.response.status_code': 200,
      'im.request_id': response.headers.get('x-request-id'),
    },
  });
});

test('a message sent by socket is one trace, from its frame to its delivery', async () => {
  const socket = await ann.socket();
  await socket.request('sendMessage', messageOf(`u:${bob.uid}`, 'hello'));
  const line = await lineTo('delivery take', ({ name }) => name === 'frame sendMessage');
  expect(shown(line)).toEqual([
    'ws-gateway server frame sendMessage',
    'chat-service server SendStream item',
    'chat-service producer publish',
    'chat-service consumer delivery take',
  ]);
  await socket.request('sync', {});
  expect(shown(await lineTo('im.chat.v1.ChatService/Sync', ({ name }) => name === 'frame sync'))).toContain(
    'ws-gateway server frame sync',
  );
});

test('what a service does by itself is no trace', () => {
  const ids = new Set(collector.spans.map(({ spanId }) => spanId));
  const first = collector.spans.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  expect(first.filter(({ kind, service }) => kind !== 'server' || !service.endsWith('-gateway'))).toEqual([]);
});

test('without a collector nothing is told', async () => {
  const told = collector.spans.length;
  const untraced = await start('');
  const { carol, dave } = await people(untraced, 'carol', 'dave');
  await carol.say(`u:${dave.uid}`, 'hello');
  await untraced.stop();
  expect(collector.spans.length).toBe(told);
});
