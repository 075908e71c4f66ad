import type { RpcNetwork } from '../rpc/network.ts';
import type { Logger } from '../telemetry/log.ts';
import { delay } from '../utils/wait.ts';
import type { RunningService } from './module.ts';
import type { ServiceName } from './names.ts';

/** How often it is looked whether a service can serve by now, in milliseconds. */
const LOOK_MS = 20;

/** Tells the others which services of this process can serve: each as soon as it is ready. */
export interface Announcements {
  /** Those that are ready and that others have not been told of yet, a sentence each. */
  missing(): string[];
  /** Takes all of them back. The second call finds nothing to do. */
  close(): Promise<void>;
}

export function createAnnouncements(
  network: RpcNetwork,
  services: ReadonlyMap<ServiceName, RunningService>,
  log: Logger,
): Announcements {
  const closing = new AbortController();
  const waiting = new Set<ServiceName>(services.keys());
  const taken: (() => Promise<void>)[] = [];

  async function announce(name: ServiceName, service: RunningService): Promise<void> {
    try {
      while (service.notReady?.() !== undefined) await delay(LOOK_MS, closing.signal);
      taken.push(await network.announce(name, closing.signal));
      waiting.delete(name);
    } catch (error) {
      if (!closing.signal.aborted) log.error({ err: error, service: name }, 'could not be announced');
    }
  }
  const announced = Promise.all([...services].map(([name, service]) => announce(name, service)));

  return {
    missing: () =>
      [...waiting]
        .filter((name) => services.get(name)!.notReady?.() === undefined)
        .map((name) => `${name}: not announced to the other services yet`),
    async close() {
      closing.abort();
      await announced;
      await Promise.all(taken.splice(0).map((takeBack) => takeBack()));
    },
  };
}
