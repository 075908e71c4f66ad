import type { apiGateway } from '@im/api-gateway';
import type { RunningService } from '@im/common/service/module.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import type { wsGateway } from '@im/ws-gateway';

type Running<M extends { create(...args: never[]): Promise<unknown> }> = Awaited<ReturnType<M['create']>>;

export interface Gateways {
  /** Undefined where it does not run in this process. */
  readonly http: Running<typeof apiGateway> | undefined;
  readonly socket: Running<typeof wsGateway> | undefined;
}

/** The gateways among the services of a process. */
export function gatewaysOf(services: ReadonlyMap<ServiceName, RunningService>): Gateways {
  return {
    http: services.get('api-gateway') as Gateways['http'],
    socket: services.get('ws-gateway') as Gateways['socket'],
  };
}

/**
 * Ties the gateways together: `/ws` on the HTTP port too, clients are told the
 * socket's real address, and `/readyz` of the HTTP port speaks for everything.
 */
export function composeGateways({ http, socket }: Gateways, notReady: () => readonly string[]): void {
  http?.useReadiness(() => notReady().join('; ') || undefined);
  if (http === undefined || socket === undefined) return;
  http.useSocketUrl(() => socket.url);
  http.httpServer.on('upgrade', (request, stream, head) => socket.handleUpgrade(request, stream, head));
}
