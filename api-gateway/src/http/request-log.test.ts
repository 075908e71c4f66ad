import type { Logger } from '@im/common/telemetry/log.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { apiGatewayConfig } from '../config.ts';
import { createApp } from './app.ts';
import { createRequestLog } from './request-log.ts';
import { createRequestTraces } from './request-traces.ts';

const lines: { level: string; fields: Record<string, unknown> }[] = [];
const at = (level: string) => (fields: Record<string, unknown>) => lines.push({ level, fields });
const log = { debug: at('debug'), warn: at('warn'), error: at('error') } as unknown as Logger;

afterEach(() => {
  lines.length = 0;
});

async function startApp(handler: () => Promise<unknown>) {
  const metrics = new Registry();
  const traces = createRequestTraces(undefined);
  const app = await createApp({
    config: apiGatewayConfig.parse({}),
    log,
    allowsOrigin: () => true,
    traces,
    logRequest: createRequestLog(log, metrics, traces),
    isDraining: () => false,
  });
  app.post('/v1/things/:name', async (_request, reply) => reply.send(await handler()));
  const url = await app.listen({ port: 0 });
  return { app, metrics, url };
}

const SECRET = 'hunter2hunter2';
const secretRequest = {
  method: 'POST',
  headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json', 'x-request-id': 'r-1' },
  body: JSON.stringify({ password: SECRET }),
};

test('a line says what was asked and how it ended, and holds nothing that the client sent', async () => {
  const { app, metrics, url } = await startApp(async () => ({}));
  await fetch(`${url}/v1/things/${SECRET}?token=${SECRET}`, secretRequest);
  await eventually(() => expect(lines).toHaveLength(1));
  expect(lines[0]).toEqual({
    level: 'debug',
    fields: {
      requestId: 'r-1',
      method: 'POST',
      route: '/v1/things/:name',
      code: 200,
      ms: expect.any(Number),
    },
  });
  expect(JSON.stringify(lines) + (await metrics.metrics())).not.toContain(SECRET);
  expect(await metrics.metrics()).toContain('route="/v1/things/:name",code="200"');
  await app.close();
});

test('what fails is an error with its cause, what is refused is not', async () => {
  const { app, url } = await startApp(async () => {
    throw new TypeError('broken');
  });
  await fetch(`${url}/v1/things/a`, secretRequest);
  await eventually(() => expect(lines.map(({ level }) => level)).toEqual(['error', 'error']));
  expect(lines[0]?.fields).toMatchObject({ requestId: 'r-1', err: new TypeError('broken') });
  expect(lines[1]?.fields).toMatchObject({ requestId: 'r-1', code: 500 });
  await fetch(`${url}/v1/nothing`, secretRequest);
  await eventually(() => expect(lines).toHaveLength(3));
  expect(lines[2]).toMatchObject({ level: 'debug', fields: { method: 'any', route: 'none', code: 404 } });
  await app.close();
});

test('a client that did not wait is 499', async () => {
  const release = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const { app, url } = await startApp(async () => {
    entered.resolve();
    await release.promise;
    return {};
  });
  const client = new AbortController();
  const answer = fetch(`${url}/v1/things/a`, { ...secretRequest, signal: client.signal });
  await entered.promise;
  client.abort();
  await expect(answer).rejects.toThrow();
  await eventually(() => expect(lines[0]?.fields).toMatchObject({ code: 499 }));
  release.resolve();
  await app.close();
});
