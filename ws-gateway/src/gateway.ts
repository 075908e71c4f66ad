import { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { hostInUrl } from '@im/common/http/host-in-url.ts';
import { bindRpc } from '@im/common/rpc/types.ts';
import type { RunningService } from '@im/common/service/module.ts';
import { within } from '@im/common/utils/wait.ts';
import { closeAll } from './connection/close-all.ts';
import { startSweep } from './connection/sweep.ts';
import type { GatewayContext } from './context.ts';
import { reconnectAfterMs } from './domain/reconnect-hint.ts';
import { answer } from './frames/answer.ts';
import { createSocketServer } from './http/socket-server.ts';
import { createUpgrade, type HandleUpgrade, SOCKET_PATH } from './http/upgrade.ts';
import { type LookAround, startLookAround } from './presence/look-around.ts';
import { deliver } from './rpc/deliver.ts';

/** The gateway, once it is built. */
export interface RunningGateway extends RunningService {
  /** Where its own server listens; 0 before `start`. */
  readonly port: number;
  /** For example `ws://127.0.0.1:8081/ws`. */
  readonly url: string;
  /** Serves `/ws` on another HTTP server too. */
  readonly handleUpgrade: HandleUpgrade;
}

export function createGateway(context: GatewayContext): RunningGateway {
  const { config, log } = context;
  const handleUpgrade = createUpgrade(context);
  const server = createSocketServer(handleUpgrade);
  let endSweep = () => {};
  let lookAround: LookAround | undefined;
  let port = 0;

  return {
    rpc: [bindRpc(DeliveryService, { deliver: (requests, call) => deliver(context, requests, call) })],
    handleUpgrade,
    get port() {
      return port;
    },
    get url() {
      return `ws://${hostInUrl(config.host)}:${port}${SOCKET_PATH}`;
    },

    async start() {
      port = await server.listen(config.host, config.port);
      context.signIn.start();
      context.sender.start();
      context.epoch.get().catch((error: unknown) => log.debug({ err: error }, 'the epoch is not known yet'));
      endSweep = startSweep(context);
      context.sessionReports.start();
      lookAround = startLookAround({
        locations: context.locations,
        own: context.ownLocations,
        table: context.watchTable,
        watch: context.presence,
        clock: context.clock,
        log,
      });
      context.phase = 'serving';
    },

    // Chat-service is not waited for: while it is away sign-ins are told to come back.
    notReady: () => (context.phase === 'serving' ? context.signIn.notReady() : `it is ${context.phase}`),

    async drain() {
      context.phase = 'draining';
      server.stopListening();
      for (const connection of context.connections.all()) {
        const value = { reconnectAfterMs: reconnectAfterMs(context.sockets.size, Math.random()) };
        answer(context, connection, undefined, { case: 'drain', value });
      }
    },

    async stop() {
      context.phase = 'stopping';
      server.stopListening();
      await within(context.sender.finish(), config.stopTimeoutMs);
      await closeAll(context);
      server.close();
      endSweep();
      context.resyncs.close();
      context.senders.close();
      await Promise.all([
        context.sender.close(),
        context.signIn.close(),
        context.sessionReports.close(),
        lookAround?.close(),
        ...context.removals,
      ]);
    },
  };
}
