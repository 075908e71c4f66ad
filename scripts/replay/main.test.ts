import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** Milliseconds a small replay may take on a busy machine, a restart of the server included. */
const REPLAY_MS = 120_000;

const SAID: readonly (readonly [language: string, lines: string[]])[] = [
  ['chinese', ['你好', '你好,最近怎么样?', '很好,谢谢']],
  ['english', ['Hello', 'Hi', '', 'How are you?', '  fine \n']],
  ['persian', ['سلام', 'حال شما چطور است؟']],
  ['thai', ['สวัสดี', 'สบายดีไหม']],
  ['emoji', ['👩‍👩‍👧‍👦', '\u0000 and "quotes" \\ <b>&amp;</b>', '𝕳𝖎']],
];

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'im-replay-test-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the command; gives its exit code and what it printed. */
function run(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const main = join(import.meta.dirname, 'main.ts');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

test(
  'a killed server has the file line for line all the same, on live, sleeping and fresh devices',
  async () => {
    const file = join(folder, 'some.jsonl');
    const entries = Array.from({ length: 10 }, (_, index) => {
      const [language, lines] = SAID[index % SAID.length]!;
      return JSON.stringify({ language, topic: 'test', lines });
    });
    await writeFile(file, `${entries.join('\n')}\n`);

    const { code, stdout, stderr } = await run([file, '--concurrency', '4', '--kills', '1']);
    expect(stdout, stderr).toContain('equal: every device holds the file');
    expect(stdout).toMatch(/^dialogues +10$/m);
    expect(stdout).toMatch(/^left out +2 empty, 0 malformed; 0 long ones split$/m);
    expect(stdout).toMatch(/^languages +5: /m);
    expect(stdout).toMatch(/^kills +1$/m);
    expect(stdout).toMatch(/^mismatches +0$/m);
    expect(code).toBe(0);
  },
  REPLAY_MS,
);

test('a command line that cannot be followed says why and exits with 2', async () => {
  const { code, stderr } = await run(['--kills', '3']);
  expect(code).toBe(2);
  expect(stderr).toContain('name one file');
});
