import { givenAddresses } from '../stack-addresses.ts';
import { findProgram, type Program } from './programs.ts';
import {
  ADDRESS_VARIABLES,
  PROGRAM_KINDS,
  type ProgramKind,
  programOf,
  SERVER_KINDS,
  type ServerKind,
} from './server-kinds.ts';

/** What a run does about the servers of a cluster. */
export type Plan =
  | { way: 'given' }
  | {
      way: 'start';
      given: Partial<Record<ServerKind, string>>;
      programs: Partial<Record<ProgramKind, Program>>;
    }
  | { way: 'without'; why: string };

/** What a run with this environment does; throws where servers are required and there are none. */
export function planOf(env: NodeJS.ProcessEnv, find = findProgram): Plan {
  if (env.IM_TEST_STACK === 'off') return { way: 'without', why: 'IM_TEST_STACK=off' };
  if (givenAddresses(env) !== undefined) return { way: 'given' };
  const given = Object.fromEntries(
    SERVER_KINDS.map((kind) => [kind, env[ADDRESS_VARIABLES[kind]] || undefined]),
  ) as Partial<Record<ServerKind, string>>;
  const needed = PROGRAM_KINDS.filter((program) =>
    SERVER_KINDS.some((kind) => programOf(kind) === program && given[kind] === undefined),
  );
  const programs: Partial<Record<ProgramKind, Program>> = {};
  for (const kind of needed) programs[kind] = find(kind, env);
  const missing = needed.filter((kind) => programs[kind] === undefined);
  if (missing.length === 0) return { way: 'start', given, programs };
  if (env.IM_TEST_STACK === 'required')
    throw new Error(`the cluster cannot be tested: no ${missing.join(', ')} (npm run stack -- fetch)`);
  return { way: 'without', why: `no ${missing.join(', ')} (npm run test:all fetches them)` };
}

/**
 * The ways of running that were tested, for people: `asked` says whether a test
 * file wanted servers, `started` whether they did start.
 */
export function whatWasTested(plan: Plan, asked: boolean, started: boolean): string {
  if (!asked) return 'one process; nothing that ran asks for a cluster';
  switch (plan.way) {
    case 'given':
      return 'one process and cluster (MySQL, Redis, Kafka, etcd as given)';
    case 'without':
      return `one process; the cluster was left out: ${plan.why}`;
    case 'start': {
      if (!started) return 'one process; the servers of the cluster did not start';
      const parts = PROGRAM_KINDS.map((kind) => plan.programs[kind]?.version ?? `${kind} as given`);
      return `one process and cluster (${parts.join(', ')})`;
    }
  }
}
