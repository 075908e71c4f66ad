import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { checkHistory, checkUnfinishedHistory } from '@im/common/testing/checker/check-history.ts';
import { writeHistory } from '@im/common/testing/checker/history-file.ts';
import { tellViolations } from '@im/common/testing/checker/violation.ts';
import { SERVER_KINDS } from '@im/common/testing/stack/server-kinds.ts';
import { canStart } from '@im/common/testing/stack/start-server.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unfairRefusals } from '../crash/fair-refusals.ts';
import { createRandom } from '../crash/random.ts';
import { type FaultCluster, logFilesOf, startFaultCluster } from './fault-cluster.ts';
import { type FaultCounts, faultRun } from './fault-run.ts';
import { faultRemarks, faultTable } from './fault-table.ts';
import { FAULTS, type Fault, shortFaults } from './faults.ts';

/**
 * `IM_FAULTS=all` inflicts all there are, `IM_FAULTS=etcd` those with this in
 * their name, so many times in a row as IM_FAULT_ROUNDS says; the same dice
 * again: `IM_FAULT_SEED=…`. Without them it is a few that are soon over.
 */
const { IM_FAULTS: CHOSEN, IM_FAULT_ROUNDS, IM_FAULT_SEED } = process.env;
const ROUNDS = Number(IM_FAULT_ROUNDS ?? 1);
const SEED = Number(IM_FAULT_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Milliseconds one fault may take, quiet included. */
const LIMIT_OF_FAULT_MS = 300_000;
/** Milliseconds for what comes before and after the faults of a round. */
const AROUND_MS = 180_000;
const START_MS = 240_000;

function faultsOf(seed: number): readonly Fault[] {
  if (CHOSEN === undefined) return shortFaults(createRandom(seed));
  return CHOSEN === 'all' ? FAULTS : FAULTS.filter(({ name }) => name.includes(CHOSEN));
}

describe.skipIf(!SERVER_KINDS.every(canStart))('a cluster to which things happen', () => {
  let folder = '';
  let cluster: FaultCluster;
  const told: FaultCounts[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'im-faults-'));
    cluster = await startFaultCluster(folder);
  }, START_MS);
  afterAll(async () => {
    await cluster?.end();
    rmSync(folder, { recursive: true, force: true });
    if (told.length > 0) console.log(`${faultTable(told)}\n${faultRemarks(told)}`);
  }, START_MS);

  const rounds = Array.from({ length: ROUNDS }, (_, round) => SEED + round);
  test.for(rounds)(
    'keeps P1 to P6, IM_FAULT_SEED=%i',
    {
      timeout: FAULTS.length * LIMIT_OF_FAULT_MS + AROUND_MS,
    },
    async (seed) => {
      const faults = faultsOf(seed);
      const { history, failure, ...run } = await faultRun({
        cluster,
        faults,
        seed,
        circle: `faults-${seed}`,
        limitMs: faults.length * LIMIT_OF_FAULT_MS,
        onFault(counts) {
          told.push(counts);
          if (CHOSEN !== undefined) console.log(`${faultTable([counts])}\n${faultRemarks([counts])}`);
        },
      });
      const violations = failure ? checkUnfinishedHistory(history) : checkHistory(history);
      const complaints = run.faults.flatMap((one) => one.complaints.map((what) => `${one.fault}: ${what}`));
      const unfair = unfairRefusals(history).map(({ reason, request }) => `${request.kind}: ${reason}`);
      if (failure || violations.length + complaints.length + unfair.length > 0) {
        const kept = await keep(seed, history, cluster);
        const words = [failure?.stack ?? '', tellViolations(violations), ...complaints, ...unfair];
        expect.fail(`${words.join('\n')}\nthe whole history and what everybody logged: ${kept}`);
      }
      expect(run.faults.length).toBe(faults.length);
      for (const counts of run.faults) expect(counts.answered, counts.fault).toBeGreaterThan(0);
    },
  );
});

async function keep(
  seed: number,
  history: Parameters<typeof writeHistory>[1],
  cluster: FaultCluster,
): Promise<string> {
  const folder = join(tmpdir(), `im-faults-kept-${seed}`);
  mkdirSync(folder, { recursive: true });
  await writeHistory(join(folder, 'history.jsonl'), history);
  for (const file of logFilesOf(cluster)) {
    const name = basename(file) === 'server.log' ? `${basename(dirname(file))}.log` : basename(file);
    copyFileSync(file, join(folder, name));
  }
  return folder;
}
