import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Child, startChild } from './child.ts';

const MAIN = join(import.meta.dirname, '../../server/src/main.ts');
const FREE_PORTS = ['--http-port', '0', '--ws-port', '0', '--admin-port', '0'];

let folder = '';
const children: Child[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'im-start-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.signal('SIGKILL');
    await child.exit();
  }
  rmSync(folder, { recursive: true });
});

function start(args: readonly string[], env: Record<string, string> = {}): Child {
  const child = startChild(MAIN, { cwd: folder, args, env });
  children.push(child);
  return child;
}

test('it prints its addresses, where the data and the key are, and that it is ready', async () => {
  const server = start([...FREE_PORTS, '--data', 'kept']);
  const milliseconds = Number(await server.printed(/^ready in (\d+) ms$/m));
  expect(milliseconds).toBeGreaterThan(0);
  expect(server.stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^HTTP +http:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^sockets +ws:\/\/127\.0\.0\.1:\d+\/ws$/),
    expect.stringMatching(/^admin +http:\/\/127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^data +\/.*\/kept$/),
    expect.stringMatching(/^admin key +\/.*\/kept\/admin\.key$/),
    expect.stringMatching(/^ready in \d+ ms$/),
  ]);
  for (const file of ['keys.json', 'admin.key'])
    expect(statSync(join(folder, 'kept', file)).mode & 0o777).toBe(0o600);
  server.signal('SIGINT');
  expect(await server.exit()).toBe(0);
});

test('a second one on the same data says so on one line and leaves; a later one goes on', async () => {
  const env = { IM_DATA_DIR: folder, IM_HTTP_PORT: '0', IM_WS_PORT: '0', IM_ADMIN_PORT: '0' };
  const first = start([], env);
  await first.printed(/^ready/m);
  const second = start([], env);
  expect(await second.exit()).toBe(1);
  expect(second.stderr).toMatch(/^another im-backend is running on .*\n$/);
  first.signal('SIGKILL');
  await first.exit();
  const third = start([], env);
  await third.printed(/^ready/m);
});

test.each([
  [['--http-prot', '1'], /^--http-prot: unknown option, did you mean --http-port\?/],
  [['--config', 'missing.yaml'], /^missing\.yaml: there is no such file\n$/],
  [['--config', 'typo.yaml'], /^typo\.yaml: htpPort: unknown key, did you mean httpPort\?\n$/],
  [['--target', 'chat'], /^command line: target: there is no service "chat"/],
])('%j is refused with one line', async (args, line) => {
  writeFileSync(join(folder, 'typo.yaml'), 'htpPort: 1\n');
  const server = start(args);
  expect(await server.exit()).toBe(1);
  expect(server.stderr).toMatch(line);
  expect(server.stderr.trim().split('\n')).toHaveLength(1);
});

test('--help shows every flag and leaves with 0', async () => {
  const server = start(['--help']);
  expect(await server.exit()).toBe(0);
  for (const flag of [
    '--data',
    '--http-port',
    '--ws-port',
    '--admin-port',
    '--host',
    '--config',
    '--target',
  ]) {
    expect(server.stdout).toContain(flag);
  }
});
