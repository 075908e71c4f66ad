import { register } from '@im/common/testing/client/accounts.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { directConversation, messageOf, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { ask } from './support/raw-http.ts';
import { connectRaw } from './support/raw-socket.ts';

// What an operator may set that clients see.

const PAGE = 'https://chat.example.com';

let product: Product;
let ann: Person;
let bob: Person;
beforeAll(async () => {
  product = await startProduct({
    services: {
      'user-service': { registration: 'closed', directory: 'open' },
      'chat-service': { directMessages: 'anyone', editWindowSeconds: 0 },
      'api-gateway': { allowedOrigins: [PAGE], trustedProxies: ['127.0.0.0/8'] },
      'ws-gateway': { allowedOrigins: [PAGE], heartbeatSeconds: 7 },
    },
  });
  ({ ann, bob } = await people(product, 'ann', 'bob'));
});
afterAll(() => product.stop());

test('registration: closed', async () => {
  expect(await product.client.call('GET', '/v1/config')).toMatchObject({ registration: 'CLOSED' });
  const refused = register(product.client, { username: 'carol', password: 'correct horse' });
  await expect(refused).rejects.toMatchObject({ code: 403, reason: 'REGISTRATION_CLOSED' });
});

test('directory: open lists everybody', async () => {
  const { users } = await ann.client.call('GET', '/v1/users');
  const uids = users.map(({ uid }: { uid: string }) => uid).sort();
  expect(uids).toEqual([ann.uid, bob.uid].sort());
});

test('directMessages: anyone may write to anyone, and the first message is seq 1', async () => {
  const { carol } = await people(product, 'carol');
  const socket = await carol.socket();
  const sent = await ann.say(`u:${carol.uid}`, 'we have not met');
  expect(sent).toMatchObject({ conversationId: directConversation(ann, carol), seq: 1 });
  await socket.waitFor((frame) => frame.events?.events[0]?.message?.seq === 1);
  const nobody = ann.say('u:5', 'is anybody there?');
  await expect(nobody).rejects.toMatchObject({ code: 404, reason: 'USER_NOT_FOUND' });
});

test('the edit window', async () => {
  const { seq, conversationId } = await ann.say(`u:${bob.uid}`, 'for ever');
  const { clientMsgId, content } = messageOf(conversationId, 'not for ever');
  await expect
    .poll(async () => {
      const path = `/v1/conversations/${conversationId}/messages/${seq}`;
      const edit = ann.client.call('PATCH', path, { clientMsgId, content });
      return edit.then(
        () => 'edited',
        (error) => error.reason,
      );
    })
    .toBe('EDIT_WINDOW_PASSED');
});

test('allowedOrigins, for HTTP and sockets', async () => {
  for (const [origin, allowed] of [
    [PAGE, true],
    ['http://localhost:5173', false],
  ] as const) {
    const { headers } = await fetch(`${product.server.httpUrl}/v1/config`, { headers: { origin } });
    expect(headers.get('access-control-allow-origin')).toBe(allowed ? origin : null);
    const opened = await connectRaw(product.server.wsUrl, { headers: { origin } }).then(
      (socket) => {
        socket.terminate();
        return true;
      },
      () => false,
    );
    expect(opened).toBe(allowed);
  }
});

test('trustedProxies say whose word for an address is believed', async () => {
  const { tokens } = ann.signedIn;
  const refreshed = await ask(`${product.server.httpUrl}/v1/token/refresh`, {
    method: 'POST',
    headers: { 'x-forwarded-for': '203.0.113.7' },
    body: JSON.stringify({ refreshToken: tokens.refreshToken }),
  });
  expect(refreshed.status).toBe(200);
  const { sessions } = await ann.client.call('GET', '/v1/sessions');
  expect(sessions[0].address).toBe('203.0.113.7');
});

test('the heartbeat is told in welcome', async () => {
  const socket = await product.connect();
  const welcome = await socket.hello(ann.signedIn.tokens.accessToken);
  expect(welcome.heartbeatSeconds).toBe(7);
});
