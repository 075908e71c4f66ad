import type { ServerProcess } from '@im/common/testing/server-process.ts';
import type { Progress } from './progress.ts';

/** Kills of a server on the way of a replay. */
export interface Kills {
  readonly done: number;
  /** Rejects when the server did not come back. */
  readonly failed: Promise<never>;
  /** Ends after the kill under way, with the server running. */
  finish(): Promise<void>;
}

/**
 * Kills the server with SIGKILL at points spread over the replay, each time in
 * the middle of what is being said, and starts it again on the same data.
 */
export function startKills(
  server: ServerProcess,
  times: number,
  messages: number,
  progress: Progress,
): Kills {
  let done = 0;
  let finishing = false;
  const finished = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});

  async function killAll(): Promise<void> {
    for (let kill = 1; kill <= times; kill++) {
      const point = Math.max(1, Math.floor((messages * kill) / (times + 1)));
      await Promise.race([progress.reached(point), finished.promise]);
      if (finishing && progress.acked < point) return;
      await server.kill();
      done++;
      await server.start();
    }
  }

  const killing = killAll().catch(failed.reject);
  return {
    get done() {
      return done;
    },
    failed: failed.promise,
    async finish() {
      finishing = true;
      finished.resolve();
      await killing;
    },
  };
}
