import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { AdminRoute } from '@im/common/telemetry/admin-server.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { sha256 } from '@im/common/utils/sha256.ts';
import { backupRequest, lineOf } from './backup-lines.ts';
import { takeBackup } from './take-backup.ts';

/** Bytes of a request; a path and some JSON around it. */
const MOST_BYTES = 16_384;

/** Takes backups of the server that it belongs to, on request. */
export interface BackupRoute {
  readonly handle: AdminRoute;
  /** Gives a backup under way up and takes no further one. */
  stop(): Promise<void>;
}

/**
 * The admin port is open to every program of the machine, a browser included.
 * Only who has read the token in the data folder is obeyed, and nothing that a
 * page of the web has sent.
 */
export function createBackupRoute(options: {
  dataDir: string;
  token: string;
  now: () => number;
  log: Logger;
}): BackupRoute {
  const { dataDir, token, now, log } = options;
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  async function run(to: string, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('who asked for the backup went away')));
    const tell = (line: Parameters<typeof lineOf>[0]) => void response.write(lineOf(line));
    try {
      log.info({ to }, 'a backup begins');
      await takeBackup({
        dataDir,
        to,
        now,
        signal: AbortSignal.any([gone.signal, stopping.signal]),
        onFile: ({ name, bytes }) => tell({ copied: { name, bytes } }),
      });
      log.info({ to }, 'the backup is whole');
      tell({ done: { to } });
    } catch (error) {
      log.warn({ err: error, to }, 'the backup failed; nothing of it stays');
      tell({ failed: error instanceof Error ? error.message : String(error) });
    }
    response.end();
  }

  return {
    async handle(request, response) {
      if (request.headers.origin !== undefined) return refuse(response, 403, 'no backups for web pages');
      if (!isEqual(request.headers.authorization, `Bearer ${token}`))
        return refuse(response, 401, 'the token in ports.json of the data folder is needed');
      const asked = backupRequest.safeParse(await bodyOf(request));
      if (!asked.success) return refuse(response, 400, 'the body must be {"to": "<an absolute path>"}');
      if (stopping.signal.aborted) return refuse(response, 503, 'the server is stopping');
      if (running) return refuse(response, 409, 'another backup is under way');
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.flushHeaders();
      running = run(asked.data.to, response).finally(() => {
        running = undefined;
      });
      await running;
    },
    async stop() {
      stopping.abort(new Error('the server is stopping'));
      await running;
    },
  };
}

/** In a time that tells nothing of where they differ. */
function isEqual(given: string | undefined, wanted: string): boolean {
  return timingSafeEqual(sha256(given ?? ''), sha256(wanted));
}

/** Undefined for what is too long or no JSON. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? Number.NaN) > MOST_BYTES) return undefined;
  if (request.headers['content-length'] === undefined) return undefined;
  return await json(request).catch(() => undefined);
}

function refuse(response: ServerResponse, status: number, failed: string): void {
  response.writeHead(status, { 'content-type': 'application/x-ndjson', connection: 'close' });
  response.end(lineOf({ failed }));
}
