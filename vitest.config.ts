import { defineConfig } from 'vitest/config';
import { planOf } from './common/testing/stack/run-plan.ts';

/** What cannot be asked of a cluster: files and their backups, one process's start, stop and disk. */
const ONE_PROCESS_ONLY = [
  'tests/src/backup*.test.ts',
  'tests/src/crash/**',
  'tests/src/disk-full.test.ts',
  'tests/src/encrypted/**',
  'tests/src/faults/**',
  'tests/src/hostile*.test.ts',
  'tests/src/main-starts.test.ts',
  'tests/src/migrate*.test.ts',
  'tests/src/readme-tour.test.ts',
  'tests/src/resync.test.ts',
  'tests/src/server-process.test.ts',
];

const oneProcess = { extends: true as const, test: { name: 'one process', include: ['**/*.test.ts'] } };

/** The same end-to-end suite, on two instances of every service and real servers. */
const cluster = {
  extends: true as const,
  test: {
    name: 'cluster',
    include: ['tests/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...ONE_PROCESS_ONLY],
    env: { IM_TEST_WAY: 'cluster' },
  },
};

/** What the services promise of their stores, on the cluster's engine. */
const mysql = {
  extends: true as const,
  test: {
    name: 'mysql',
    include: ['{user,friend,group,chat}-service/**/*.test.ts', 'common/model/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/domain/**'],
    env: { IM_TEST_DATABASE: 'mysql' },
  },
};

const hasServers = planOf(process.env).way !== 'without';

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', 'data/**'],
    projects: hasServers ? [oneProcess, cluster, mysql] : [oneProcess],
    pool: 'forks',
    // The real servers of a cluster, started when the first file asks for them.
    globalSetup: ['common/testing/stack/global-setup.ts'],
    // Generous because a second run may share the machine; tests wait for conditions, so nothing is slower for it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 2,
  },
});
