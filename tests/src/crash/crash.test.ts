import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHistory, checkUnfinishedHistory } from '@im/common/testing/checker/check-history.ts';
import { writeHistory } from '@im/common/testing/checker/history-file.ts';
import { tellViolations } from '@im/common/testing/checker/violation.ts';
import { type ServerProcess, startServerProcess } from '@im/common/testing/server-process.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countsOf } from './counts.ts';
import { crashRun } from './crash-run.ts';
import { unfairRefusals } from './fair-refusals.ts';
import { LARGE_GROUPS } from './groups.ts';

const MAIN = join(import.meta.dirname, '../../../server/src/main.ts');
/** More of them: `IM_CRASH_KILLS=50 npm test -- crash`; the same dice again: `IM_CRASH_SEED=…`. */
const KILLS = Number(process.env.IM_CRASH_KILLS ?? 5);
const SEED = Number(process.env.IM_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32));
/** Milliseconds that a run may take; a kill takes three seconds where nothing else runs, half a minute beside other suites. */
const LIMIT_MS = 60_000 + KILLS * 60_000;
/** Milliseconds for what comes before and after it. */
const AROUND_MS = 60_000;
let folder = '';
let server: ServerProcess | undefined;
const killChild = () => server?.signal('SIGKILL');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'im-crash-'));
  process.once('exit', killChild);
});
afterEach(async () => {
  await server?.kill();
  process.off('exit', killChild);
  await rm(folder, { recursive: true, force: true });
});

test(`killed ${KILLS} times in the middle of sending, it keeps P1 to P6`, {
  timeout: LIMIT_MS + AROUND_MS,
}, async () => {
  server = await startServerProcess({ main: MAIN, folder, env: LARGE_GROUPS });
  const { history, kills, failure } = await crashRun({ server, seed: SEED, kills: KILLS, limitMs: LIMIT_MS });
  const violations = failure ? checkUnfinishedHistory(history) : checkHistory(history);
  const told = [
    `IM_CRASH_SEED=${SEED}, ${kills} kills`,
    failure?.stack ?? '',
    tellViolations(violations),
  ].join('\n');
  if (failure || violations.length > 0) {
    const file = join(tmpdir(), `im-crash-${SEED}.jsonl`);
    await writeHistory(file, history);
    expect.fail(`${told}\nthe whole history: ${file}`);
  }
  expect(unfairRefusals(history), told).toEqual([]);
  expect(kills).toBeGreaterThanOrEqual(KILLS);
  const counts = countsOf(history);
  expect(counts.cutOff, 'requests that a kill left unanswered').toBeGreaterThan(0);
  expect(counts.memberChanges, 'changes of members').toBeGreaterThan(0);
  console.log(`IM_CRASH_SEED=${SEED}: ${JSON.stringify(counts)}`);
});
