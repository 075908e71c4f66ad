import { type CallContext, ServerError, type ServiceImplementation, Status } from 'nice-grpc';
import type { HealthDefinition } from 'nice-grpc-server-health';
import { delay } from '../../utils/wait.ts';

/** grpc.health.v1.HealthCheckResponse.ServingStatus. */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

/** How often readiness is looked at for those who watch it; milliseconds. */
const WATCH_MS = 500;

/**
 * grpc.health.v1 for a process: '' asks for all of it, a contract's full name
 * for the service that serves it. `ending` ends those who watch.
 */
export function healthOf(
  isReady: () => boolean,
  isServed: (contract: string) => boolean,
  ending: AbortSignal,
): ServiceImplementation<typeof HealthDefinition> {
  function statusOf(service: string): number {
    if (service !== '' && !isServed(service)) return SERVICE_UNKNOWN;
    return isReady() ? SERVING : NOT_SERVING;
  }
  return {
    async check({ service }) {
      const status = statusOf(service);
      if (status === SERVICE_UNKNOWN) throw new ServerError(Status.NOT_FOUND, 'no such service here');
      return { status };
    },
    async *watch({ service }, { signal }: CallContext) {
      const over = AbortSignal.any([signal, ending]);
      let told: number | undefined;
      while (!over.aborted) {
        const status = statusOf(service);
        if (status !== told) yield { status };
        told = status;
        await delay(WATCH_MS, over).catch(() => {});
      }
    },
  };
}
