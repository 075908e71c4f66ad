import { readFile } from 'node:fs/promises';
import type { HistoryEntry } from '@im/common/testing/checker/history.ts';
import type { Recorder } from '@im/common/testing/checker/recorder.ts';
import type { ServerProcess } from '@im/common/testing/server-process.ts';
import { delay } from '@im/common/utils/wait.ts';

/** Milliseconds that somebody else may hold a port of the server that was killed. */
const PORT_PATIENCE_MS = 120_000;
/** Milliseconds between two attempts to start. */
const START_PAUSE_MS = 200;

/** Kills the server when the clients have come to some point. */
export interface Killer {
  readonly kills: number;
  /** To be told of every entry of the history. */
  onEntry(entry: HistoryEntry): void;
  /**
   * Kills as soon as `count` more entries of this kind are there, or
   * `orElse` is over, after `delayMs` more; resolves with the server dead.
   */
  killAfter(
    entry: HistoryEntry['entry'],
    count: number,
    delayMs: number,
    orElse: Promise<unknown>,
  ): Promise<void>;
  /** Starts it and kills it so many milliseconds later, ready or not. */
  killWhileStarting(delayMs: number): Promise<void>;
  /** Starts it on the same data and ports. */
  startAgain(): Promise<void>;
}

export function createKiller(server: ServerProcess, recorder: Recorder): Killer {
  let kills = 0;
  let waiting: { entry: HistoryEntry['entry']; left: number; reached: () => void } | undefined;
  const tell = (what: string) => recorder.record({ entry: 'server', what, at: new Date().toISOString() });
  async function kill(): Promise<void> {
    await server.kill();
    kills++;
    tell('killed');
  }

  return {
    get kills() {
      return kills;
    },
    onEntry({ entry }) {
      if (waiting?.entry === entry && --waiting.left <= 0) waiting.reached();
    },
    async killAfter(entry, left, delayMs, orElse) {
      const reached = new Promise<void>((resolve) => {
        waiting = { entry, left, reached: resolve };
      });
      await Promise.race([reached, orElse]);
      waiting = undefined;
      if (delayMs > 0) await delay(delayMs);
      await kill();
    },
    async killWhileStarting(delayMs) {
      const starting = server.start().catch(() => {});
      await delay(delayMs);
      await kill();
      await starting;
    },
    async startAgain() {
      for (const giveUpAt = performance.now() + PORT_PATIENCE_MS; ; await delay(START_PAUSE_MS)) {
        try {
          await server.start();
          break;
        } catch (error) {
          // While it was dead its port was free for anybody on this machine. What it said of it is on its way.
          await delay(START_PAUSE_MS);
          const taken = (await readFile(server.logFile, 'utf8')).trimEnd().endsWith('(--help)');
          if (!taken || performance.now() > giveUpAt) throw error;
        }
      }
      tell('started');
    },
  };
}
