import { ImError } from '@im/common/errors/im-error.ts';
import { requestIdOf } from '@im/common/http/request-id.ts';
import { isSocketAsked } from '@im/common/http/socket-asked.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { ApiGatewayConfig } from '../config.ts';
import { collectAllowedMethods } from './allowed-methods.ts';
import { registerBodyParsers } from './body-parsers.ts';
import { refuseForeignOrigin, registerCors } from './cors.ts';
import { answerError } from './error-answer.ts';
import type { OriginRule } from './origins.ts';
import type { RequestLog } from './request-log.ts';
import type { RequestTraces } from './request-traces.ts';
import { answerUnreadable } from './unreadable-request.ts';

/** What a client may take to send a whole request, in milliseconds. */
const REQUEST_TIMEOUT_MS = 60_000;

/** Longer than the idle time of common load balancers (60 s), so that they hang up first, not we on them. */
const KEEP_ALIVE_MS = 72_000;

/** An external id of 128 characters, each of four bytes and percent-encoded, fits. */
const MAX_PARAM_LENGTH = 128 * 12;

export interface AppParts {
  readonly config: ApiGatewayConfig;
  readonly log: Logger;
  readonly allowsOrigin: OriginRule;
  readonly traces: RequestTraces;
  readonly logRequest: RequestLog;
  /** Whether clients should open a new connection, to another instance, for what comes next. */
  readonly isDraining: () => boolean;
}

/** An HTTP server that has everything but routes. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { config, log, allowsOrigin } = parts;
  const app: FastifyInstance = fastify({
    bodyLimit: config.bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    trustProxy: config.trustedProxies.length > 0 && [...config.trustedProxies],
    genReqId: requestIdOf,
    // Requests on connections that are open when the server stops are still served.
    return503OnClosing: false,
    // Node would refuse by itself, with an empty body; see the hook below.
    http: {
      requireHostHeader: false,
      shouldUpgradeCallback: (request) => isSocketAsked(request) && app.server.listenerCount('upgrade') > 0,
    },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, request, reply) => {
      // Refused before there is a route, so past the hooks below.
      parts.traces.begin(request, reply);
      parts.logRequest(request, reply);
      reply.headers(commonHeaders(request));
      answerError(reply, request, log, error);
    },
  });
  const allowedMethods = collectAllowedMethods(app);
  app.setErrorHandler((error, request, reply) => answerError(reply, request, log, error));
  registerBodyParsers(app);

  // The order every request goes through; a route's own step, who asks, follows these and precedes the body.
  // 1. Trace, log and measure, so that what the later steps refuse is seen as well.
  // 2. Headers of every answer, refusals included.
  app.addHook('onRequest', async (request, reply) => {
    parts.traces.begin(request, reply);
    parts.logRequest(request, reply);
    reply.headers(commonHeaders(request));
  });
  // 3. HTTP/1.1 asks for a refusal where Host is missing.
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined) {
      throw new ImError('MALFORMED_BODY', 'the Host header is missing');
    }
  });
  // 4. CORS before anything refuses, or pages could not read why.
  await registerCors(app, allowsOrigin);
  // 5. Foreign pages change nothing, whatever token they hold.
  app.addHook('onRequest', async (request) => refuseForeignOrigin(request, allowsOrigin));

  // At the end, since draining may begin while a request is under way.
  app.addHook('onSend', async (_request, reply) => {
    if (parts.isDraining()) reply.header('connection', 'close');
  });

  app.setNotFoundHandler((request, reply) => {
    const methods = allowedMethods(request.url.split('?')[0] ?? '');
    if (methods.length === 0) throw new ImError('ROUTE_NOT_FOUND', 'there is nothing at this path');
    reply.header('allow', methods.join(', '));
    throw new ImError('METHOD_NOT_ALLOWED', `this path answers ${methods.join(', ')}`);
  });
  return app;
}

function commonHeaders({ id, url }: FastifyRequest): Record<string, string> {
  return {
    'x-request-id': id,
    'x-content-type-options': 'nosniff',
    ...(url.startsWith('/v1/') && { 'cache-control': 'no-store' }),
  };
}
