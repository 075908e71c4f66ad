import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Child, startChild } from './child.ts';

// vitest transforms what it loads, plain Node only strips types: what works
// in one may fail in the other, so every program is started for real.
const ROOT = join(import.meta.dirname, '../..');
const { workspaces } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  workspaces: string[];
};
// Does its work and leaves; there is nothing to serve.
const COMMANDS = ['bench'];
const PROGRAMS = workspaces.filter(
  (name) => !COMMANDS.includes(name) && existsSync(join(ROOT, name, 'src/main.ts')),
);

let folder = '';
const children: Child[] = [];
beforeEach(() => {
  // Also the working directory: it must not matter where a program is started.
  folder = mkdtempSync(join(tmpdir(), 'im-main-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.signal('SIGKILL');
    await child.exit();
  }
  rmSync(folder, { recursive: true });
});

function start(program: string): Child {
  const child = startChild(join(ROOT, program, 'src/main.ts'), {
    cwd: folder,
    env: { IM_DATA_DIR: folder, IM_ADMIN_PORT: '0', IM_PORT: '0', IM_HTTP_PORT: '0', IM_WS_PORT: '0' },
  });
  children.push(child);
  return child;
}

test('there are programs to start', () => {
  expect(PROGRAMS).toContain('server');
  expect(PROGRAMS.length).toBeGreaterThanOrEqual(7);
});

test.each(PROGRAMS)('%s starts, serves its admin port, and leaves with 0 on SIGTERM', async (program) => {
  const child = start(program);
  const admin = await child.printed(/^admin +(http:\S+)$/m);
  expect((await fetch(`${admin}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${admin}/metrics`)).text()).toContain('process_uptime_seconds');
  child.signal('SIGTERM');
  expect(await child.exit(), child.stderr).toBe(0);
});

test('api-gateway alone answers UNAVAILABLE where it would call another service', async () => {
  const child = start('api-gateway');
  const url = await child.printed(/^serves (http:\S+)$/m);
  const login = await fetch(`${url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      username: 'ann',
      password: 'correct horse',
      device: { deviceId: 'd', platform: 'WEB' },
    }),
  });
  expect(login.status).toBe(503);
  expect(await login.json()).toMatchObject({ error: { status: 'UNAVAILABLE', reason: 'SERVICE_AWAY' } });
  const admin = await child.printed(/^admin +(http:\S+)$/m);
  expect((await fetch(`${admin}/readyz`)).status).toBe(503);
  child.signal('SIGTERM');
  expect(await child.exit(), child.stderr).toBe(0);
});
