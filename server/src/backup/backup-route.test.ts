import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@im/common/telemetry/log.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPorts } from '../ports-file.ts';
import { type RunningServer, startServer } from '../start-server.ts';

const log = createLogger({ level: 'silent' });
let folder: string;
let server: RunningServer;
let token: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'im-backup-route-'));
  await start();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<void> {
  server = await startServer({ dataDir: join(folder, 'data'), log });
  token = readPorts(server.dataDir)!.adminToken;
}

function post(name: string, headers: Record<string, string> = {}, body?: string) {
  return fetch(`${server.adminUrl}/backup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: body ?? JSON.stringify({ to: join(folder, name) }),
  });
}

test('only who knows the token is obeyed, and never a page of the web', async () => {
  expect(statSync(join(server.dataDir, 'ports.json')).mode & 0o777).toBe(0o600);
  const adminKey = readFileSync(server.adminKeyFile, 'utf8').trim();
  for (const authorization of ['', `Bearer ${token}x`, token, `Bearer ${adminKey}`])
    expect((await post('never', { authorization })).status, authorization).toBe(401);
  for (const origin of ['http://127.0.0.1:8080', 'null', server.adminUrl])
    expect((await post('never', { origin })).status, origin).toBe(403);
  for (const body of [
    '{"to": "relative/path"}',
    '{',
    '',
    '[]',
    JSON.stringify({ to: `/${'x'.repeat(20_000)}` }),
  ])
    expect((await post('never', {}, body)).status, body.slice(0, 30)).toBe(400);
  expect((await fetch(`${server.adminUrl}/backup`)).status).toBe(404);
  expect((await fetch(`${server.httpUrl}/backup`, { method: 'POST' })).status).toBe(404);
  expect(existsSync(join(folder, 'never'))).toBe(false);
});

test('one backup is taken at a time; it is for its owner alone and holds the keys', async () => {
  const answers = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      const response = await post(name);
      return [response.status, name, (await response.text()).trim().split('\n').at(-1)] as const;
    }),
  );
  const [[, name, last], ...others] = answers.toSorted(([a], [b]) => a - b) as [
    (typeof answers)[0],
    ...typeof answers,
  ];
  const taken = join(folder, name!);
  expect(JSON.parse(last!)).toEqual({ done: { to: taken } });
  expect(others.map(([status]) => status)).toEqual([409, 409]);
  expect(statSync(taken).mode & 0o777).toBe(0o700);
  for (const file of readdirSync(taken)) expect(statSync(join(taken, file)).mode & 0o777, file).toBe(0o600);
  for (const file of ['keys.json', 'admin.key'])
    expect(readFileSync(join(taken, file), 'utf8')).toBe(readFileSync(join(server.dataDir, file), 'utf8'));
  // What cannot be done is said in the answer.
  expect(await (await post(name!)).text()).toContain('is not empty');
});

test('who goes away while it is taken gets none', async () => {
  const leaving = new AbortController();
  const response = await fetch(`${server.adminUrl}/backup`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ to: join(folder, 'left') }),
    signal: leaving.signal,
  });
  expect(response.status).toBe(200);
  leaving.abort();
  // The next one may begin once that one is over.
  for (let status = 409; status === 409; ) ({ status } = await post('after'));
  expect(readdirSync(folder).filter((name) => name.startsWith('left'))).toEqual([]);
});

test('each start makes another token', async () => {
  const before = token;
  await server.stop();
  expect(readPorts(server.dataDir)).toBeUndefined();
  await start();
  expect(token).not.toBe(before);
});
