import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { BACKUP_PATH, type BackupLine, backupLine } from './backup-lines.ts';

/** Refused for want of the right token: a server on other data has the port now. */
const NOT_OURS = 401;

/** Whoever listens on the port is not the server whose token this is. */
export class NotThatServer extends Error {}

/**
 * Asks a running server for a backup and returns when it is whole. Throws
 * NotThatServer when nobody or somebody else answers, before anything has
 * happened, and else what the server says went wrong.
 */
export async function askForBackup(options: {
  adminPort: number;
  adminToken: string;
  to: string;
  onFile: (file: { name: string; bytes: number }) => void;
}): Promise<void> {
  const response = await ask(options);
  let last: BackupLine | undefined;
  try {
    for await (const text of createInterface({ input: response })) {
      last = readLine(text);
      if ('copied' in last) options.onFile(last.copied);
    }
  } catch (error) {
    if (error instanceof NotThatServer) throw error;
    throw new Error('the server went away; there is no backup', { cause: error });
  }
  if (response.statusCode === NOT_OURS) throw new NotThatServer('the port belongs to another server now');
  if (last === undefined || 'copied' in last) throw new Error('the server went away; there is no backup');
  if ('failed' in last) throw new Error(last.failed);
}

async function ask({ adminPort, adminToken, to }: Parameters<typeof askForBackup>[0]) {
  const body = JSON.stringify({ to });
  // Not fetch: it gives up on an answer that pauses, as one does while a large database is copied.
  const asking = request({
    host: '127.0.0.1',
    port: adminPort,
    method: 'POST',
    path: BACKUP_PATH,
    agent: false,
    headers: {
      authorization: `Bearer ${adminToken}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  });
  asking.end(body);
  try {
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    return response;
  } catch (cause) {
    throw new NotThatServer('nobody answers on the admin port', { cause });
  }
}

function readLine(text: string): BackupLine {
  try {
    return backupLine.parse(JSON.parse(text));
  } catch (cause) {
    throw new NotThatServer('another program has the admin port now', { cause });
  }
}
