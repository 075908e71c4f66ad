import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Instance } from '../../../registry/registry.ts';

const MAIN = join(import.meta.dirname, 'peer-main.ts');

/** A process of its own that serves over gRPC. */
export interface Peer extends Instance {
  readonly bootId: string;
  readonly port: number;
  /** SIGKILL ends it, SIGSTOP and SIGCONT pause it. */
  signal(signal: NodeJS.Signals): void;
  /** Kills it, paused or not; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts one; resolves when it listens. Port 0 is a free one. */
export async function startPeer(bootId: string, port = 0): Promise<Peer> {
  const child: ChildProcess = fork(MAIN, [bootId, String(port)], { stdio: 'inherit' });
  const gone = once(child, 'exit');
  const [listening] = (await Promise.race([
    once(child, 'message'),
    gone.then(() => Promise.reject(new Error('the peer ended before it listened'))),
  ])) as [number];
  return {
    bootId,
    port: listening,
    address: `127.0.0.1:${listening}`,
    signal: (signal) => {
      child.kill(signal);
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
