import { ConfigError } from '@im/common/config/config-error.ts';
import type { ComposeFile, ComposeService } from './compose-file.ts';
import { type PlayedContainer, playContainer } from './play-container.ts';
import { claimLocalPorts } from './ports.ts';
import { startOrder } from './start-order.ts';

export interface PlayOptions {
  readonly file: ComposeFile;
  /** Containers of a service; one where it is not named. */
  readonly scale: Readonly<Record<string, number>>;
  /** Ends the start. */
  readonly signal: AbortSignal;
  /** Takes a line for people. */
  readonly say: (line: string) => void;
}

/** The services of a compose file as processes of this machine, which end with this one. */
export interface PlayedCompose {
  /** Where a published port of a service is: `127.0.0.1:<port>`. Throws for one that is not published. */
  address(service: string, containerPort: number): string;
  /** Ends all, those first that depend on others. */
  stop(): Promise<void>;
}

/**
 * Starts every service, each as soon as those are healthy that it depends on, and
 * waits until all are. When one fails none is left, and it throws.
 */
export async function playCompose({ file, scale, signal, say }: PlayOptions): Promise<PlayedCompose> {
  const order = startOrder(file.services);
  checkScale(order, scale);
  const countOf = ({ name }: ComposeService) => scale[name] ?? 1;
  const ports = await claimLocalPorts(order.reduce((sum, service) => sum + countOf(service), 0));
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  const healthy = new Map<string, Promise<void>>();
  const played = new Map<string, PlayedContainer[]>(order.map(({ name }) => [name, []]));

  /** What others call a service by is the first of its containers. */
  const termsOf = (container: string) => ({
    services: order.map(({ name }) => name),
    port: (containerPort: number, service?: string) =>
      ports(service === undefined ? container : nameOf(service, 1), containerPort),
    published: (hostPort: number) => {
      const owner = order.find((one) => one.ports.some((port) => port.hostPort === hostPort));
      const containerPort = owner?.ports.find((port) => port.hostPort === hostPort)?.containerPort;
      return owner && containerPort && ports(nameOf(owner.name, 1), containerPort);
    },
  });

  async function start(service: ComposeService): Promise<void> {
    await Promise.all(Object.keys(service.depends_on).map((needed) => healthy.get(needed)));
    const startedAt = performance.now();
    const numbers = Array.from({ length: countOf(service) }, (_, index) => index + 1);
    await Promise.all(
      numbers.map(async (number) => {
        ending.throwIfAborted();
        const container = await playContainer(service, file.dir, termsOf(nameOf(service.name, number)));
        played.get(service.name)?.push(container);
        await container.healthy(ending);
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        say(`${nameOf(service.name, number)} is healthy after ${seconds} s`);
      }),
    );
  }

  async function stop(): Promise<void> {
    for (const { name } of [...order].reverse())
      await Promise.all((played.get(name) ?? []).splice(0).map((container) => container.stop()));
  }

  for (const service of order) {
    const started = start(service);
    started.catch((error) => failed.abort(error));
    healthy.set(service.name, started);
  }
  await Promise.allSettled(healthy.values());
  if (ending.aborted) {
    await stop();
    throw ending.reason;
  }
  return {
    stop,
    address(name, containerPort) {
      const service = order.find((one) => one.name === name);
      if (!service?.ports.some((port) => port.containerPort === containerPort))
        throw new ConfigError(`${name} does not publish ${containerPort}`);
      return `127.0.0.1:${ports(nameOf(name, 1), containerPort)}`;
    },
  };
}

function nameOf(service: string, number: number): string {
  return `${service}-${number}`;
}

function checkScale(services: readonly ComposeService[], scale: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(scale)) {
    const service = services.find((one) => one.name === name);
    if (service === undefined) throw new ConfigError(`there is no service ${name}`);
    if (count > 1 && service.ports.length > 0)
      throw new ConfigError(`${name} publishes a port of the machine, which only one of them can have`);
    if (count > 1 && service.volumes.some(({ source }) => !source.startsWith('.')))
      throw new ConfigError(`${name} has a volume, which only one of them can have`);
  }
}
