import cors from '@fastify/cors';
import { ImError } from '@im/common/errors/im-error.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OriginRule } from './origins.ts';

/** Seconds a browser may remember a preflight: as long as the shortest of them does anyway. */
const PREFLIGHT_KEPT_S = 600;

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Lets pages of allowed origins read answers; to those of others it says nothing. */
export async function registerCors(app: FastifyInstance, allows: OriginRule): Promise<void> {
  await app.register(cors, {
    delegator: async (request: FastifyRequest) => ({
      origin: isForeign(request, allows) === false,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowedHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
      exposedHeaders: ['X-Request-Id', 'Retry-After'],
      maxAge: PREFLIGHT_KEPT_S,
      strictPreflight: false,
    }),
  });
}

/** Throws ORIGIN_NOT_ALLOWED for a request that may change something and comes from a foreign page. */
export function refuseForeignOrigin(request: FastifyRequest, allows: OriginRule): void {
  if (!READING.has(request.method) && isForeign(request, allows)) {
    throw new ImError('ORIGIN_NOT_ALLOWED', 'pages of this origin may not call this server');
  }
}

/** Undefined for a request that names no origin. */
function isForeign({ headers, host }: FastifyRequest, allows: OriginRule): boolean | undefined {
  if (headers.origin === undefined) return undefined;
  // HTTP/1.0 may name no host.
  return !allows(headers.origin, host ?? '');
}
