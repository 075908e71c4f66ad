import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

// The thread behind checkpointer.ts. Node runs this file as it is, so it
// imports nothing of ours.

export interface CheckpointSettings {
  intervalMs: number;
  /** A log above this size is checkpointed. */
  walBytes: number;
  /** A log still above this size afterwards is reported. */
  behindBytes: number;
}

export type CheckpointRequest = { kind: 'watch' | 'unwatch'; file: string } | { kind: 'close' };

export type CheckpointReport =
  | { kind: 'unwatched' | 'behind'; file: string }
  | { kind: 'failed'; file: string; message: string };

const { intervalMs, walBytes, behindBytes } = workerData as CheckpointSettings;
const port = parentPort!;

/** Undefined until the first checkpoint of the file. */
const connections = new Map<string, DatabaseSync | undefined>();

function report(message: CheckpointReport): void {
  port.postMessage(message);
}

function walSize(file: string): number {
  return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

function open(file: string): DatabaseSync {
  const connection = new DatabaseSync(file);
  connection.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
  connections.set(file, connection);
  return connection;
}

function look(file: string): void {
  try {
    if (walSize(file) <= walBytes) return;
    const connection = connections.get(file) ?? open(file);
    connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
    if (walSize(file) > behindBytes) report({ kind: 'behind', file });
  } catch (error) {
    report({ kind: 'failed', file, message: error instanceof Error ? error.message : String(error) });
  }
}

function forget(file: string): void {
  connections.get(file)?.close();
  connections.delete(file);
  report({ kind: 'unwatched', file });
}

const timer = setInterval(() => {
  for (const file of connections.keys()) look(file);
}, intervalMs);

port.on('message', (request: CheckpointRequest) => {
  if (request.kind === 'watch') connections.set(request.file, undefined);
  else if (request.kind === 'unwatch') forget(request.file);
  else {
    clearInterval(timer);
    for (const file of [...connections.keys()]) forget(file);
    port.close();
  }
});
