import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerProcess, startServerProcess } from '@im/common/testing/server-process.ts';

const MAIN = join(import.meta.dirname, '../../server/src/main.ts');

/** A server of the replay's own on a temporary folder. */
export interface OwnServer {
  process: ServerProcess;
  apiKey: string;
  /** Ends it and removes its folder; after a failure the folder stays, and its path is given. */
  end(failed: boolean): Promise<string | undefined>;
}

/** Starts a server that nobody else uses. */
export async function startOwnServer(): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'im-replay-'));
  const server = await startServerProcess({ main: MAIN, folder });
  return {
    process: server,
    apiKey: await readApiKey(join(server.dataDir, 'admin.key')),
    async end(failed) {
      await server.stop();
      if (failed) return folder;
      await rm(folder, { recursive: true, force: true });
      return undefined;
    },
  };
}

/** The key in a file, as the server wrote it. */
export async function readApiKey(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}
