import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, expect, test } from 'vitest';
import { startGateway, type TestGateway } from './testing/start-gateway.ts';

let gateway: TestGateway;

afterEach(() => gateway.stop());

const message = { conversationId: 's:1:2', clientMsgId: 'a', content: { text: { text: 'x' } } };

test('draining tells every socket when to come back, takes no new ones, and goes on serving', async () => {
  gateway = await startGateway();
  const sockets = [await gateway.join('1'), await gateway.join('2')];
  await gateway.gateway.drain!();
  for (const socket of sockets) {
    const { drain } = await socket.waitFor((frame) => frame.drain);
    expect(drain.reconnectAfterMs).toBeGreaterThanOrEqual(0);
    expect(drain.reconnectAfterMs).toBeLessThan(1_000);
    expect(await socket.ask({ sendMessage: message })).toMatchObject({ sendMessage: {} });
  }
  await expect(gateway.connect()).rejects.toThrow();
  expect(gateway.gateway.notReady!()).toMatch(/draining/);
});

test('stopping answers what is in flight, then closes with 1012 and removes the locations', async () => {
  gateway = await startGateway();
  const result = Promise.withResolvers<'stored'>();
  gateway.chat.onItem = () => result.promise;
  const socket = await gateway.join('1');
  const id = socket.send({ sendMessage: message });
  await eventually(() => expect(gateway.chat.items).toHaveLength(1));
  const stopped = gateway.process.stop();
  const late = { ...message, conversationId: 's:1:3' };
  await eventually(async () => {
    expect((await socket.ask({ sendMessage: late })).error?.reason).toMatch(/SHUTTING_DOWN|EARLIER/);
  });
  expect(socket.ws.readyState).toBe(socket.ws.OPEN);
  result.resolve('stored');
  expect(await socket.answerTo(id)).toMatchObject({ sendMessage: {} });
  expect((await socket.closed).code).toBe(1012);
  await stopped;
  expect((await gateway.process.kit.locations.find(['1'])).size).toBe(0);
});

test('stopping does not wait for ever for an answer or for a client', async () => {
  gateway = await startGateway({ stopTimeoutMs: 50, answerTimeoutMs: 60_000 });
  gateway.chat.onItem = () => 'nothing';
  const socket = await gateway.join('1');
  socket.send({ sendMessage: message });
  await eventually(() => expect(gateway.chat.items).toHaveLength(1));
  socket.ws.pause();
  await gateway.process.stop();
});

test('it is ready once it knows the revocations, whether chat-service is there or not', async () => {
  gateway = await startGateway({}, { chat: 'away' });
  await gateway.process.ready();
});

test('sockets and frames are counted', async () => {
  gateway = await startGateway();
  const socket = await gateway.join('1');
  await socket.ask({ ping: {} });
  const count = async (name: string) => (await gateway.metrics(name)).values[0]?.value;
  expect(await count('im_ws_sockets')).toBe(1);
  expect(await count('im_ws_frames_in_total')).toBe(2);
  expect(await count('im_ws_frames_out_total')).toBe(2);
  socket.ws.close(1000);
  await eventually(async () => expect(await count('im_ws_sockets')).toBe(0));
  expect((await gateway.metrics('im_ws_closes_total')).values).toMatchObject([
    { labels: { code: '1000' }, value: 1 },
  ]);
});
