import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeError } from '../../errors/describe-error.ts';
import { givenAddresses } from '../stack-addresses.ts';
import { ASK_AT, answerStack, isAsked } from './asked-stack.ts';
import { findProgram, type Program } from './programs.ts';
import {
  ADDRESS_VARIABLES,
  PROGRAM_KINDS,
  type ProgramKind,
  programOf,
  SERVER_KINDS,
  type ServerKind,
} from './server-kinds.ts';
import { type Stack, startStack } from './start-stack.ts';

/** Milliseconds between two looks whether a test file asks for the servers. */
const LOOK_EVERY_MS = 50;

/** What a run does about the servers of a cluster. */
type Plan =
  | { way: 'given' }
  | {
      way: 'start';
      given: Partial<Record<ServerKind, string>>;
      programs: Partial<Record<ProgramKind, Program>>;
    }
  | { way: 'without'; why: string };

/**
 * Gives the servers of a cluster to a run of tests: those that the environment
 * names, else those that this machine can run, started when the first test file
 * asks and ended with the run. IM_TEST_STACK=required fails where there are
 * none, IM_TEST_STACK=off leaves the cluster out. The run's last line says what was
 * tested.
 */
export default function setUp(): () => Promise<void> {
  const plan = planOf(process.env);
  const folder = mkdtempSync(join(tmpdir(), 'im-stack-run-'));
  process.env[ASK_AT] = folder;
  let answered: Promise<Stack | undefined> | undefined;
  const timer = setInterval(() => {
    if (!isAsked(folder)) return;
    clearInterval(timer);
    answered = answer(plan, folder);
  }, LOOK_EVERY_MS);

  return async () => {
    clearInterval(timer);
    const stack = await answered?.catch(() => undefined);
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
    console.log(`tested: ${whatWasTested(plan, answered !== undefined, stack)}`);
  };
}

function planOf(env: NodeJS.ProcessEnv): Plan {
  if (env.IM_TEST_STACK === 'off') return { way: 'without', why: 'IM_TEST_STACK=off' };
  if (givenAddresses(env) !== undefined) return { way: 'given' };
  const given = Object.fromEntries(
    SERVER_KINDS.map((kind) => [kind, env[ADDRESS_VARIABLES[kind]] || undefined]),
  ) as Partial<Record<ServerKind, string>>;
  const needed = PROGRAM_KINDS.filter((program) =>
    SERVER_KINDS.some((kind) => programOf(kind) === program && given[kind] === undefined),
  );
  const programs: Partial<Record<ProgramKind, Program>> = {};
  for (const kind of needed) programs[kind] = findProgram(kind, env);
  const missing = needed.filter((kind) => programs[kind] === undefined);
  if (missing.length === 0) return { way: 'start', given, programs };
  if (env.IM_TEST_STACK === 'required')
    throw new Error(`the cluster cannot be tested: no ${missing.join(', ')} (npm run stack -- fetch)`);
  return { way: 'without', why: `no ${missing.join(', ')} (npm run test:all fetches them)` };
}

async function answer(plan: Plan, folder: string): Promise<Stack | undefined> {
  switch (plan.way) {
    case 'given':
      answerStack(folder, { addresses: givenAddresses(process.env) });
      return undefined;
    case 'without':
      answerStack(folder, {});
      return undefined;
    case 'start':
      try {
        const stack = await startStack(plan);
        answerStack(folder, { addresses: stack.addresses });
        return stack;
      } catch (error) {
        answerStack(folder, { failure: `the servers of this run do not start: ${describeError(error)}` });
        return undefined;
      }
  }
}

function whatWasTested(plan: Plan, asked: boolean, stack: Stack | undefined): string {
  if (!asked) return 'one process; nothing that ran asks for a cluster';
  switch (plan.way) {
    case 'given':
      return 'one process and cluster (MySQL, Redis, Kafka, etcd as given)';
    case 'without':
      return `one process; the cluster was left out: ${plan.why}`;
    case 'start': {
      if (stack === undefined) return 'one process; the servers of the cluster did not start';
      const parts = PROGRAM_KINDS.map((kind) => plan.programs[kind]?.version ?? `${kind} as given`);
      return `one process and cluster (${parts.join(', ')})`;
    }
  }
}
