import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, isRunning, type ProcessIdentity } from '@im/common/testing/stack/process-identity.ts';
import { PROGRAM_KINDS } from '@im/common/testing/stack/server-kinds.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { canPlay } from '../scripts/stack/compose/images/image.ts';
import { type Child, startChild } from '../tests/src/child.ts';
import { expectTour, linkProject, tourOf } from '../tests/src/support/readme-tour.ts';

const ROOT = join(import.meta.dirname, '..');
/** Milliseconds: twelve programs start, on a machine that does other things too. */
const TIMEOUT_MS = 300_000;

const canRun = process.env.IM_TEST_STACK !== 'off' && canPlay(PROGRAM_KINDS);

let folder = '';
let child: Child | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'im-compose-test-'));
});
afterEach(async () => {
  child?.signal('SIGKILL');
  await child?.exit();
  child = undefined;
  await rm(folder, { recursive: true, force: true });
});

/** `npm run stack -- compose-check`, with what says where the servers' programs are. */
function composeCheck(...args: string[]): Child {
  const { HOME = '', IM_STACK_CACHE = '', XDG_CACHE_HOME = '', JAVA_HOME = '' } = process.env;
  child = startChild(join(ROOT, 'scripts/stack.ts'), {
    cwd: folder,
    args: ['compose-check', ...args],
    env: { HOME, IM_STACK_CACHE, XDG_CACHE_HOME, JAVA_HOME },
  });
  return child;
}

describe.skipIf(!canRun)('the compose file', () => {
  test(
    'starts whole, with a service twice, the tour of the README runs against it, and nothing stays',
    async () => {
      const page = await readFile(join(ROOT, 'README.md'), 'utf8');
      const script = [
        'ps -o pid= --ppid $1 > children',
        'mkdir data',
        'echo "$IM_ADMIN_KEY" > data/admin.key',
        tourOf(page, '$IM_HTTP_URL', '$IM_WS_URL'),
        'exit 7',
      ];
      await linkProject(folder);
      await writeFile(join(folder, 'tour.sh'), script.join('\n'));
      const run = 'bash -e -o pipefail tour.sh $PPID';
      const check = composeCheck('--scale', 'chat-service=2', '--run', run);
      expect(await check.exit(), check.stderr).toBe(7);
      expect(check.stderr).toContain('chat-service-2 is healthy');
      expectTour(check.stdout);
      const children = (await readFile(join(folder, 'children'), 'utf8')).trim().split('\n').map(Number);
      expect(children.length).toBeGreaterThan(13);
      expect(children.filter(identityOf)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    'stays without a command, and ends with who runs it, also by SIGKILL',
    async () => {
      const check = composeCheck();
      await vi.waitUntil(() => check.stderr.includes('until Ctrl-C'), { timeout: TIMEOUT_MS });
      const processes = childrenOf(check.pid);
      expect(processes.length).toBeGreaterThan(5);
      check.signal('SIGKILL');
      expect(await check.exit(), check.stderr).toBeNull();
      await vi.waitUntil(() => !processes.some(isRunning), { timeout: 30_000, interval: 50 });
    },
    TIMEOUT_MS,
  );
});

function childrenOf(pid: number): ProcessIdentity[] {
  const pids = execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return pids.flatMap((child) => identityOf(Number(child)) ?? []);
}
