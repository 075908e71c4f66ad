import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackAddresses } from '../stack-addresses.ts';

/**
 * How the files of a test run ask for its servers, so that a run in which none
 * asks does not start them: a folder in which the first to ask leaves a note and
 * waits for the answer of the process that runs the tests.
 */
export const ASK_AT = 'IM_TEST_STACK_AT';

/** Milliseconds all servers have to start: 7 s on two free cores. */
const ANSWER_MS = 180_000;
/** Milliseconds between two looks for the answer. */
const LOOK_EVERY_MS = 50;

export interface StackAnswer {
  /** Undefined where there are no servers in this run. */
  readonly addresses?: StackAddresses;
  /** Why there are none although there should be. */
  readonly failure?: string;
}

/** Blocks until the run has answered: what depends on it, which tests there are, is decided while a file is loaded. */
export function askForStack(folder: string): StackAnswer {
  const note = join(folder, 'asked');
  if (!existsSync(note)) writeFileSync(note, '');
  const timer = new Int32Array(new SharedArrayBuffer(4));
  for (const giveUpAt = performance.now() + ANSWER_MS; performance.now() < giveUpAt; ) {
    if (existsSync(answerFile(folder))) return JSON.parse(readFileSync(answerFile(folder), 'utf8'));
    Atomics.wait(timer, 0, 0, LOOK_EVERY_MS);
  }
  throw new Error('the servers of this run did not start in time');
}

export function isAsked(folder: string): boolean {
  return existsSync(join(folder, 'asked'));
}

export function answerStack(folder: string, answer: StackAnswer): void {
  writeFileSync(join(folder, 'answer.new'), JSON.stringify(answer));
  renameSync(join(folder, 'answer.new'), answerFile(folder));
}

function answerFile(folder: string): string {
  return join(folder, 'answer.json');
}
