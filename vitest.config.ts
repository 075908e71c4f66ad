import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'data/**'],
    pool: 'forks',
    // The real servers of a cluster, started when the first file asks for them.
    globalSetup: ['common/testing/stack/global-setup.ts'],
    // Generous because a second run may share the machine; tests wait for conditions, so nothing is slower for it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
