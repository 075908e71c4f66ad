import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpRoutesOf } from '../routes/http-route.ts';
import { HTTP_SERVICES } from '../routes/services.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

test('/openapi.json names every route', async () => {
  const { status, json } = await gateway.request('GET /openapi.json');
  expect(status).toBe(200);
  expect(json.openapi).toMatch(/^3\.1\./);
  for (const { method, path } of httpRoutesOf(HTTP_SERVICES)) {
    expect(json.paths[path], path).toHaveProperty(method.toLowerCase());
  }
});

test('/docs loads nothing from elsewhere, and what it loads is there', async () => {
  const { status, headers, json: page } = await gateway.request('GET /docs');
  expect(status).toBe(200);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('content-security-policy')).not.toContain('unsafe');
  expect(page).not.toMatch(/https?:/);
  const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link);
  expect(links).toHaveLength(4);
  for (const link of links) expect((await gateway.request(`GET /${link}`)).status, link).toBe(200);
});

test('/docs/ leads to /docs', async () => {
  const { status, headers } = await gateway.request('GET /docs/');
  expect(status).toBe(302);
  expect(new URL(headers.get('location')!, `${gateway.gateway.url}/docs/`).pathname).toBe('/docs');
});

test('nothing else of the folders the files come from is served', async () => {
  for (const path of ['/docs/package.json', '/docs/..%2fpackage.json', '/docs/swagger-ui.js.map']) {
    expect((await gateway.request(`GET ${path}`)).status, path).toBe(404);
  }
});

test('documentation can be turned off', async () => {
  const bare = await startGateway({ docs: false });
  try {
    for (const path of ['/docs', '/openapi.json']) {
      expect((await bare.request(`GET ${path}`)).status).toBe(404);
    }
  } finally {
    await bare.stop();
  }
});
