import type { ServiceProcess } from '@im/common/testing/cluster/service-process.ts';
import { delay } from '@im/common/utils/wait.ts';

/** Milliseconds a process may take to say it, on a busy machine. */
const ANSWER_MS = 10_000;
/** Milliseconds something is waited for, with a process that starts on a busy machine in it. */
const PATIENCE_MS = 90_000;
const LOOK_EVERY_MS = 50;

export interface Readiness {
  /** 200, or 503 with what is missing; 0 without an answer. */
  readonly status: number;
  readonly text: string;
}

/** What `/readyz` of a process says. */
export async function readinessOf(process: ServiceProcess): Promise<Readiness> {
  try {
    const response = await fetch(`${process.adminUrl}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return { status: response.status, text: (await response.text()).trim() };
  } catch (error) {
    return { status: 0, text: String(error) };
  }
}

/** Asks until it says something in particular. */
export async function untilReadiness(
  process: ServiceProcess,
  isMeant: (readiness: Readiness) => boolean,
): Promise<void> {
  for (const giveUpAt = performance.now() + PATIENCE_MS; ; await delay(LOOK_EVERY_MS)) {
    const readiness = await readinessOf(process);
    if (isMeant(readiness)) return;
    if (performance.now() > giveUpAt)
      throw new Error(`${process.name} says only: ${readiness.status} ${readiness.text}`);
  }
}
