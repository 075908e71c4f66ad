import { describeError } from '../../errors/describe-error.ts';
import { delay } from '../../utils/wait.ts';
import { lastLines } from './run-to-end.ts';

/** Milliseconds a server has to answer its first client: Kafka needs 4 s on two free cores. */
const READY_MS = 120_000;
/** Milliseconds between two looks at a server that starts. */
const LOOK_EVERY_MS = 50;

/** What a server says when another has its port. */
const PORT_TAKEN = /address already in use|bindexception|port is already|failed to bind/i;

/** The port was taken before the server had it. */
export class PortTaken extends Error {}

/**
 * Waits until `ask` gets an answer. Throws with the server's last words when it
 * leaves first (PortTaken when it says so), or is not ready in time.
 */
export async function untilReady(
  name: string,
  ask: () => Promise<void>,
  hasEnded: () => boolean,
  logFile: string,
): Promise<void> {
  for (const giveUpAt = performance.now() + READY_MS; ; await delay(LOOK_EVERY_MS)) {
    let reason: string;
    try {
      await ask();
      if (!hasEnded()) return;
    } catch (error) {
      reason = describeError(error);
      if (!hasEnded() && performance.now() < giveUpAt) continue;
      if (!hasEnded()) throw new Error(`${name} is not ready: ${reason}. It wrote:\n${lastLines(logFile)}`);
    }
    const words = lastLines(logFile);
    const message = `${name} ended while it started. It wrote:\n${words}`;
    throw PORT_TAKEN.test(words) ? new PortTaken(message) : new Error(message);
  }
}
