import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connect } from '../testing/socket-client.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

describe('with default settings', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  test.each([
    ['im.v1.json when it is asked for', 'im.v1.json', 'im.v1.json'],
    ['im.v1.json among others', ['x', 'im.v1.json'], 'im.v1.json'],
    ['im.v1.proto when it is asked for', 'im.v1.proto', 'im.v1.proto'],
    ['what the client names first', ['im.v1.proto', 'im.v1.json'], 'im.v1.proto'],
    ['JSON without a name when nothing is asked for', [], ''],
  ])('speaks %s', async (_name, protocols, spoken) => {
    const socket = await gateway.connect({ protocols });
    expect(socket.ws.protocol).toBe(spoken);
    const { accessToken } = await gateway.signIn('1');
    expect((await socket.ask({ hello: { accessToken } })).welcome.uid).toBe('1');
    socket.ws.close();
  });

  test('refuses subprotocols it does not know', async () => {
    await expect(gateway.connect({ protocols: ['im.v9', 'other'] })).rejects.toThrow('HTTP 400');
  });

  test('does not compress', async () => {
    const socket = await gateway.connect();
    expect(socket.ws.extensions).toBe('');
    socket.ws.close();
  });

  test.each(['http://localhost:3000', 'http://127.0.0.1:8080', 'https://[::1]'])(
    'bound to loopback it takes pages of %s',
    async (origin) => {
      const socket = await gateway.connect({ headers: { origin } });
      socket.ws.close();
    },
  );

  test.each(['https://elsewhere.example', 'null', 'file://x'])('refuses pages of %s', async (origin) => {
    await expect(gateway.connect({ headers: { origin } })).rejects.toThrow('HTTP 403');
  });

  test('serves nothing but /ws', async () => {
    const url = gateway.gateway.url.replace('/ws', '/other');
    await expect(connect(url)).rejects.toThrow('HTTP 404');
    await expect(connect(gateway.gateway.url.replace('/ws', '//'))).rejects.toThrow('HTTP 404');
    const http = gateway.gateway.url.replace('ws:', 'http:');
    expect((await fetch(http)).status).toBe(426);
    expect((await fetch(http.replace('/ws', '/'))).status).toBe(404);
  });

  test('serves /ws on another HTTP server too', async () => {
    const server = createServer();
    server.on('upgrade', (request, socket, head) => gateway.gateway.handleUpgrade(request, socket, head));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = await connect(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws`);
    const { accessToken } = await gateway.signIn('1');
    expect((await socket.ask({ hello: { accessToken } })).welcome.uid).toBe('1');
    socket.ws.close();
    await socket.closed;
    server.close();
  });
});

describe('with a list of origins', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({ allowedOrigins: ['https://chat.example.com'], maxSockets: 2 });
  });
  afterAll(() => gateway.stop());

  test('takes those and clients without one', async () => {
    const page = await gateway.connect({ headers: { origin: 'https://chat.example.com' } });
    const program = await gateway.connect();
    await expect(gateway.connect({ headers: { origin: 'http://localhost' } })).rejects.toThrow();
    program.ws.close();
    page.ws.close();
    await Promise.all([page.closed, program.closed]);
  });

  test('takes only so many sockets at all', async () => {
    const first = await gateway.connect();
    const second = await gateway.connect();
    await expect(gateway.connect()).rejects.toThrow('HTTP 503');
    first.ws.close();
    second.ws.close();
  });
});

test('an address that opens too many sockets is told when to come again', async () => {
  const gateway = await startGateway({ socketsPerMinutePerAddress: 2, trustedProxies: ['127.0.0.1', '::1'] });
  const from = (address: string) => gateway.connect({ headers: { 'x-forwarded-for': address } });
  for (let i = 0; i < 2; i++) (await from('203.0.113.1')).ws.close();
  await expect(from('203.0.113.1')).rejects.toThrow('HTTP 429');
  const response = await upgradeResponse(gateway.gateway.url, { 'x-forwarded-for': '203.0.113.1' });
  expect(response.statusCode).toBe(429);
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(50);
  (await from('203.0.113.2')).ws.close();
  for (let i = 0; i < 4; i++) (await gateway.connect()).ws.close();
  await gateway.stop();
});

function upgradeResponse(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, { headers });
    ws.on('error', () => {});
    ws.on('open', () => reject(new Error('the socket was opened')));
    ws.on('unexpected-response', (_request, response) => {
      resolve(response);
      response.destroy();
    });
  });
}
