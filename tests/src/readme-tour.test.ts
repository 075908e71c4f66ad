import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startServer } from '@im/server';
import { test } from 'vitest';
import { expectTour, linkProject, TOUR_PAGES, tourOf } from './support/readme-tour.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Milliseconds: a tour starts a dozen processes. */
const TIMEOUT_MS = 60_000;

test.each(TOUR_PAGES)(
  'the tour of %s works line by line',
  async (file) => {
    const folder = await mkdtemp(join(tmpdir(), 'im-tour-'));
    const server = await startServer({ dataDir: join(folder, 'data'), httpPort: 0, wsPort: 0, adminPort: 0 });
    try {
      const commands = tourOf(await readFile(join(ROOT, file), 'utf8'), server.httpUrl, server.wsUrl);
      await linkProject(folder);
      expectTour(await run(commands, folder));
    } finally {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);

async function run(commands: string, cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', commands], { cwd });
  return stdout;
}
