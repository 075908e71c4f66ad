import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const RUN_MAIN = join(import.meta.dirname, 'run-main.ts');
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

// A program whose start and stop are these statements.
function program(start: string, stop = '') {
  const source = `
    import { runMain } from ${JSON.stringify(RUN_MAIN)};
    setInterval(() => {}, 1000);
    await runMain(async (leaving) => {
      ${start}
      console.log('started');
      return { async stop() { console.log('stopping'); ${stop} } };
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source]);
  children.push(child);
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const exited = once(child, 'close').then(([code]) => code as number);
  return { child, output, exited };
}

async function says(child: ChildProcess, word: string): Promise<void> {
  for await (const chunk of child.stdout!.iterator({ destroyOnReturn: false })) {
    if (String(chunk).includes(word)) return;
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops it and it leaves with 0', async (signal) => {
  const { child, output, exited } = program('');
  await says(child, 'started');
  child.kill(signal);
  expect(await exited).toBe(0);
  expect(output.out).toBe('started\nstopping\n');
});

test('a second signal makes it leave at once with 1', async () => {
  const { child, exited } = program('', 'await new Promise(() => {});');
  await says(child, 'started');
  child.kill('SIGTERM');
  await says(child, 'stopping');
  child.kill('SIGTERM');
  expect(await exited).toBe(1);
});

test('what start throws is one line and exit code 1', async () => {
  const { output, exited } = program(`throw new Error('the port is taken\\n  by somebody');`);
  expect(await exited).toBe(1);
  expect(output.err).toBe('the port is taken by somebody\n');
});

test('told to leave while it still waits for something it gives up and leaves with 0', async () => {
  const { child, output, exited } = program(
    `console.log('waiting'); await new Promise((_, give) => leaving.addEventListener('abort', () => give(leaving.reason)));`,
  );
  await says(child, 'waiting');
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(output).toEqual({ out: 'waiting\n', err: '' });
});
