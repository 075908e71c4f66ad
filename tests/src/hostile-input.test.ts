import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Child, startChild } from './child.ts';

/** `IM_HOSTILE=full`: 10,000 requests and 10,000 frames, some minutes. */
const IS_FULL = process.env.IM_HOSTILE === 'full';
/** Inputs of each kind. */
const INPUTS = IS_FULL ? 10_000 : 1_000;
/** Another one makes other inputs. */
const SEED = Number(process.env.IM_HOSTILE_SEED ?? 20_251);
/** Far above what it takes, in milliseconds. */
const PATIENCE_MS = IS_FULL ? 1_800_000 : 120_000;
/** How much larger memory may be after the tenth thousand of each kind than after the second. */
const MOST_GROWTH = 1.1;

interface Outcome {
  /** Bytes after each thousand of requests and of frames. */
  memory: number[];
  counts: Record<string, number>;
  violations: string[];
}

let child: Child | undefined;
afterEach(async () => {
  child?.signal('SIGKILL');
  await child?.exit();
});

test(
  'random and mutated requests and frames get clear errors, and leave nothing behind',
  async () => {
    child = startChild(join(import.meta.dirname, 'hostile/main.ts'), {
      cwd: tmpdir(),
      nodeArgs: ['--expose-gc'],
      args: [String(INPUTS), String(SEED)],
    });
    expect(await child.exit(), child.stderr).toBe(0);
    const { memory, counts, violations } = JSON.parse(child.stdout) as Outcome;
    if (IS_FULL) console.log(JSON.stringify({ memory, counts }, null, 2));
    expect(violations).toEqual([]);
    expect(counts['socket closed 4000']).toBeGreaterThan(0);
    expect(counts['http 400 INVALID_FIELD']).toBeGreaterThan(0);
    if (IS_FULL) expect(memory[9]! / memory[1]!).toBeLessThan(MOST_GROWTH);
  },
  PATIENCE_MS,
);
