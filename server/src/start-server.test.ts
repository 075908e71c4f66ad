import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@im/common/telemetry/log.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sharedSettings } from './shared-settings.ts';
import { type RunningServer, type ServerOptions, startServer } from './start-server.ts';

const log = createLogger({ level: 'silent' });
let dataDir = '';
const servers: RunningServer[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'im-server-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  rmSync(dataDir, { recursive: true });
});

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const server = await startServer({ dataDir, log, ...options });
  servers.push(server);
  return server;
}

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  return { status: response.status, body: await response.text() };
}

test('everything serves once it has started, and the ports are told', async () => {
  const server = await start();
  expect((await get(`${server.adminUrl}/readyz`)).status).toBe(200);
  expect((await get(`${server.httpUrl}/readyz`)).status).toBe(200);
  const config = JSON.parse((await get(`${server.httpUrl}/v1/config`)).body);
  expect(config.socketUrl).toBe(server.wsUrl);
  const ports = JSON.parse(readFileSync(join(dataDir, 'ports.json'), 'utf8'));
  expect(new URL(server.adminUrl).port).toBe(String(ports.adminPort));
  expect(new URL(server.httpUrl).port).toBe(String(ports.httpPort));
  expect(new URL(server.wsUrl).port).toBe(String(ports.wsPort));
});

test('the socket is served on its own port and on the HTTP port', async () => {
  const server = await start();
  for (const base of [server.wsUrl, `${server.httpUrl.replace('http', 'ws')}/ws`]) {
    const socket = new WebSocket(base);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    socket.close();
  }
});

test('the key in admin.key opens the server API, also after a restart', async () => {
  const server = await start();
  expect(statSync(server.adminKeyFile).mode & 0o777).toBe(0o600);
  const key = readFileSync(server.adminKeyFile, 'utf8').trim();
  const authorization = `Bearer ${key}`;
  expect((await get(`${server.httpUrl}/v1/admin/api-keys`, { authorization })).status).toBe(200);
  await server.stop();
  const again = await start();
  expect(readFileSync(again.adminKeyFile, 'utf8').trim()).toBe(key);
  expect((await get(`${again.httpUrl}/v1/admin/api-keys`, { authorization })).status).toBe(200);
});

test('two servers on the same data: the second says so', async () => {
  await start();
  await expect(startServer({ dataDir, log })).rejects.toThrow(/another im-backend is running on .*pid/);
});

test('a taken port is a clear sentence, and the folder is free again', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'im-server-'));
  try {
    const first = await start({ dataDir: elsewhere });
    const httpPort = Number(new URL(first.httpUrl).port);
    await expect(startServer({ dataDir, log, httpPort })).rejects.toThrow(`127.0.0.1:${httpPort} is taken`);
    await start();
  } finally {
    for (const server of servers.splice(0)) await server.stop();
    rmSync(elsewhere, { recursive: true });
  }
});

test('settings of services are checked and say where they stand', async () => {
  const services = { 'chat-service': { directMesages: 'anyone' } };
  await expect(startServer({ dataDir, log, services, where: 'server.yaml' })).rejects.toThrow(
    'server.yaml: chat-service: directMesages: unknown key, did you mean directMessages?',
  );
  await expect(startServer({ dataDir, log, services: { 'api-gateway': { port: 1 } } })).rejects.toThrow(
    'api-gateway: port: is decided by the process',
  );
  await expect(startServer({ dataDir, log, env: { IM_DIRECT_MESSAGES: 'all' } })).rejects.toThrow(
    'IM_DIRECT_MESSAGES',
  );
});

test('what two services have to agree on is set once', async () => {
  const sections = (chat: object, group: object) => ({
    'chat-service': { ...chat },
    'group-service': { ...group },
  });
  const [anyone, friends] = [{ directMessages: 'anyone' }, { directMessages: 'friends' }];
  await expect(
    startServer({ dataDir, log, services: sections(anyone, friends), where: 'a.yaml' }),
  ).rejects.toThrow('a.yaml: group-service: directMessages: is another one than chat-service has');
  expect(sharedSettings(sections(anyone, {}), '')).toEqual(sections(anyone, anyone));
  expect(sharedSettings(sections({}, friends), '')).toEqual(sections(friends, friends));
  expect(sharedSettings(sections(friends, friends), '')).toEqual(sections(friends, friends));
  expect(sharedSettings({}, '')).toEqual({});
});

test('a part of the services can run', async () => {
  const server = await start({ targets: ['user-service'] });
  expect([server.httpUrl, server.wsUrl]).toEqual(['', '']);
  expect((await get(`${server.adminUrl}/readyz`)).status).toBe(200);
});
