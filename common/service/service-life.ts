import type { Part } from '../lifecycle/in-order.ts';
import type { RunningService, ServiceHost } from './module.ts';
import type { AnyModule } from './module-with-config.ts';
import type { ProcessKit } from './process-kit.ts';
import { serve } from './serve.ts';

export interface ServiceLife {
  /** Builds the service. */
  readonly create: Part;
  /** Makes it callable. */
  readonly serve: Part;
  /** Lets it begin, now that all of the process can be called. */
  readonly run: Part;
}

/** The three steps of a service's start. All services of a process take one step before any takes the next. */
export function serviceLife(options: {
  module: AnyModule;
  config: Record<string, unknown>;
  /** Known once the process has its adapters. */
  host: () => ServiceHost;
  kit: () => ProcessKit;
  onCreated: (running: RunningService) => void;
}): ServiceLife {
  const { module, config, host, kit, onCreated } = options;
  const { name } = module;
  let running: RunningService | undefined;
  let unserve: (() => Promise<void>) | undefined;

  // Calls end before the service that serves them; either end comes once,
  // from whichever step the process got to.
  const endCalls = async () => {
    const ending = unserve;
    unserve = undefined;
    await ending?.();
  };
  const end = async () => {
    const ending = running;
    running = undefined;
    try {
      await endCalls();
    } finally {
      await ending?.stop();
    }
  };

  return {
    create: {
      name: `${name}: create`,
      async start() {
        const made: RunningService = await module.create(config, host());
        running = made;
        onCreated(made);
      },
      stop: end,
    },
    serve: {
      name: `${name}: serve`,
      async start() {
        unserve = serve(kit(), host(), running!.rpc);
      },
      stop: endCalls,
    },
    run: {
      name: `${name}: run`,
      async start() {
        try {
          await running?.start?.();
        } catch (error) {
          // At once, so that this one too stops before those that started earlier.
          await end();
          throw error;
        }
      },
      stop: end,
    },
  };
}
