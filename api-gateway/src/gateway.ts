import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GatewayService } from '@im/common/gen/im/gateway/v1/gateway_service_pb.ts';
import { hostInUrl } from '@im/common/http/host-in-url.ts';
import { bindRpc } from '@im/common/rpc/types.ts';
import type { RunningService, ServiceHost } from '@im/common/service/module.ts';
import type { ApiGatewayConfig } from './config.ts';
import { createContext } from './context.ts';
import { registerDocs } from './docs/register-docs.ts';
import { createApp } from './http/app.ts';
import { closeWithin } from './http/close-within.ts';
import { registerHealth } from './http/health.ts';
import { createOriginRule } from './http/origins.ts';
import { createRequestLimits } from './http/request-limits.ts';
import { createRequestLog } from './http/request-log.ts';
import { createRequestTraces } from './http/request-traces.ts';
import { type IdentityChecks, startIdentityChecks } from './identity/identity-checks.ts';
import { httpRoutesOf } from './routes/http-route.ts';
import { registerRoutes } from './routes/register-routes.ts';
import { createRpcCaller } from './routes/rpc-caller.ts';
import { HTTP_SERVICES } from './routes/services.ts';
import { createServicesSeen } from './routes/services-seen.ts';
import { getConfig } from './rpc/get-config.ts';
import { defaultSocketUrl } from './socket-url.ts';

/** What requests under way get to finish when the gateway stops, in milliseconds. */
const CLOSE_WITHIN_MS = 5_000;

export interface RunningApiGateway extends RunningService {
  start(): Promise<void>;
  /** There from the beginning, so that others can listen for upgrades on it; listens after `start`. */
  readonly httpServer: Server;
  /** 0 until it listens. */
  readonly port: number;
  readonly url: string;
  /** Where clients find the socket, when nothing is configured: for who knows the real port. */
  useSocketUrl(read: () => string): void;
  /** What `/readyz` goes by instead of this service alone: what is missing, in words, or undefined. */
  useReadiness(missing: () => string | undefined): void;
}

/** Builds the gateway: a server with its routes, which listens and calls others only from `start` on. */
export async function createGateway(config: ApiGatewayConfig, host: ServiceHost): Promise<RunningApiGateway> {
  let readSocketUrl = () => defaultSocketUrl(config.host);
  let draining = false;
  const services = createServicesSeen(host.discovery);
  let identity: IdentityChecks | undefined;
  const context = createContext(config, host, { socketUrl: () => config.socketUrl || readSocketUrl() });
  const routes = httpRoutesOf(HTTP_SERVICES);
  const traces = createRequestTraces(host.traces);
  const app = await createApp({
    config,
    log: host.log,
    allowsOrigin: createOriginRule(config.allowedOrigins, config.host),
    traces,
    logRequest: createRequestLog(host.log, host.metrics, traces),
    isDraining: () => draining,
  });
  const close = closeWithin(app, CLOSE_WITHIN_MS);
  const port = () => (app.server.address() as AddressInfo | null)?.port ?? 0;
  const ownMissing = () => {
    if (!app.server.listening) return 'api-gateway does not listen';
    return draining ? 'api-gateway is about to stop' : (services.missing() ?? identity?.notReady());
  };
  let missing = ownMissing;

  return {
    rpc: [bindRpc(GatewayService, { getConfig: (request, ctx) => getConfig(context, request, ctx) })],
    httpServer: app.server,
    get port() {
      return port();
    },
    get url() {
      return `http://${hostInUrl(config.host)}:${port()}`;
    },
    useSocketUrl(read) {
      readSocketUrl = read;
    },
    useReadiness(check) {
      missing = check;
    },
    async start() {
      identity = startIdentityChecks(context);
      registerHealth(app, () => missing());
      registerRoutes(app, routes, {
        limits: createRequestLimits(config, host.rateLimits),
        identify: identity.identify,
        call: createRpcCaller(host, HTTP_SERVICES),
        traces,
        timeoutMs: config.timeoutMs,
      });
      if (config.docs) await registerDocs(app, routes, context.version);
      await app.listen({ host: config.host, port: config.port });
    },
    notReady: ownMissing,
    async drain() {
      draining = true;
    },
    async stop() {
      draining = true;
      await close();
      await identity?.close();
    },
  };
}
