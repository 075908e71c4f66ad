import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Counter } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { type AdminServer, startAdminServer } from './admin-server.ts';
import { createMetrics, createProcessMetrics } from './metrics.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function admin(options: Partial<Parameters<typeof startAdminServer>[0]> = {}): Promise<AdminServer> {
  const server = await startAdminServer({ port: 0, registries: () => [], notReady: () => [], ...options });
  running.push(server);
  return server;
}

async function occupy(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  running.push({ close: async () => void server.close() });
  return (server.address() as AddressInfo).port;
}

test('readyz tells what is missing in words, then 200', async () => {
  const missing = ['chat-service: the store is not open yet', 'api-gateway: has not started'];
  const { url } = await admin({ notReady: () => missing });
  const early = await fetch(`${url}/readyz`);
  expect([early.status, await early.text()]).toEqual([503, `${missing.join('\n')}\n`]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  missing.length = 0;
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

test('metrics of two services with the same names make one valid page', async () => {
  const registries = ['a', 'b'].map((service) => {
    const registry = createMetrics({ service });
    new Counter({ name: 'im_calls_total', help: 'Calls.', registers: [registry] }).inc(
      service === 'a' ? 1 : 2,
    );
    return registry;
  });
  const { url } = await admin({ registries: () => [...registries, createProcessMetrics()] });
  const page = await (await fetch(`${url}/metrics`)).text();
  expect(page.match(/# TYPE im_calls_total counter/g)).toHaveLength(1);
  expect(page).toContain('im_calls_total{service="a"} 1');
  expect(page).toContain('im_calls_total{service="b"} 2');
  expect(page).toMatch(/^process_resident_memory_bytes \d+$/m);
});

test('anything else is not there', async () => {
  const { url } = await admin();
  expect((await fetch(`${url}/v1/me`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
});

test('a taken default port becomes a free one, any other taken port is an error', async () => {
  const taken = await occupy();
  expect((await admin({ port: taken, defaultPort: taken })).port).not.toBe(taken);
  await expect(admin({ port: taken })).rejects.toThrow('EADDRINUSE');
});

const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

test('on the loopback address nobody else comes in', { skip: elsewhere === undefined }, async () => {
  const { port } = await admin();
  await expect(fetch(`http://${elsewhere}:${port}/healthz`)).rejects.toThrow();
});

test('opened to others, it shows them health and metrics alone', {
  skip: elsewhere === undefined,
}, async () => {
  const routes = { 'POST /backup': async (_: unknown, response: ServerResponse) => void response.end() };
  const { port } = await admin({ host: '0.0.0.0', routes });
  for (const path of ['healthz', 'readyz', 'metrics']) {
    expect((await fetch(`http://${elsewhere}:${port}/${path}`)).status).toBe(200);
  }
  const backup = { method: 'POST' };
  expect((await fetch(`http://${elsewhere}:${port}/backup`, backup)).status).toBe(405);
  expect((await fetch(`http://127.0.0.1:${port}/backup`, backup)).status).toBe(200);
});
