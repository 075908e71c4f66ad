import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Logger } from '../telemetry/log.ts';
import type { CheckpointReport, CheckpointRequest, CheckpointSettings } from './checkpoint-worker.ts';
import { WAL_KEPT_BYTES } from './sqlite-file.ts';

/** Milliseconds between two looks at the write-ahead logs. */
const INTERVAL_MS = 1000;

/** Bytes of a log above which the worker alone will not do: its writer never rests. */
const BEHIND_BYTES = 32 * 1024 * 1024;

/** Milliseconds until a worker that died is replaced. */
const RESTART_MS = 1000;

/**
 * Moves committed pages from the write-ahead logs into the files, on a thread
 * of its own, so that no COMMIT on the main thread pays for it. One a process.
 */
export interface Checkpointer {
  /** `onBehind` is called when the log grows faster than the worker can finish with it. */
  watch(file: string, onBehind: () => void): CheckpointWatch;
  close(): Promise<void>;
}

export interface CheckpointWatch {
  /** Returns once the worker has let go of the file. */
  stop(): Promise<void>;
}

export interface CheckpointerOptions {
  log: Logger;
  /** Seams for tests. */
  intervalMs?: number;
  walBytes?: number;
  behindBytes?: number;
}

/** Starts the worker. It does not keep the process alive. */
export function startCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { log, intervalMs = INTERVAL_MS, walBytes = WAL_KEPT_BYTES, behindBytes = BEHIND_BYTES } = options;
  const settings: CheckpointSettings = { intervalMs, walBytes, behindBytes };
  const watched = new Map<string, () => void>();
  const letGo = new Map<string, () => void>();
  let closed = false;
  let worker = start();

  function start(): Worker {
    const started = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: settings });
    started.unref();
    started.on('message', heard);
    started.on('error', (error) => log.error({ err: error }, 'the checkpoint worker failed'));
    started.on('exit', () => {
      for (const resolve of letGo.values()) resolve();
      letGo.clear();
      if (!closed) setTimeout(replace, RESTART_MS).unref();
    });
    return started;
  }

  function replace(): void {
    if (closed) return;
    worker = start();
    for (const file of watched.keys()) tell({ kind: 'watch', file });
  }

  function tell(request: CheckpointRequest): void {
    worker.postMessage(request);
  }

  function heard(report: CheckpointReport): void {
    if (report.kind === 'behind') watched.get(report.file)?.();
    else if (report.kind === 'failed')
      log.warn({ file: report.file }, `checkpoint failed: ${report.message}`);
    else {
      letGo.get(report.file)?.();
      letGo.delete(report.file);
    }
  }

  return {
    watch(file, onBehind) {
      watched.set(file, onBehind);
      tell({ kind: 'watch', file });
      return {
        async stop() {
          // A worker that is gone (threadId -1) holds nothing and answers nothing.
          if (!watched.delete(file) || worker.threadId === -1) return;
          worker.ref();
          await new Promise<void>((resolve) => {
            letGo.set(file, resolve);
            tell({ kind: 'unwatch', file });
          });
          if (letGo.size === 0) worker.unref();
        },
      };
    },
    async close() {
      if (closed) return;
      closed = true;
      if (worker.threadId === -1) return;
      worker.ref();
      const exited = once(worker, 'exit');
      tell({ kind: 'close' });
      await exited;
    },
  };
}
