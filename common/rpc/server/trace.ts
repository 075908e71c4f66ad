import { randomUUID } from 'node:crypto';
import { parseTraceparent } from '../../telemetry/traceparent.ts';
import type { Traces } from '../../telemetry/traces.ts';
import { REQUEST_ID_KEY, TRACEPARENT_KEY } from '../metadata.ts';
import type { Middleware } from '../middleware.ts';
import { spanEnd } from '../span-end.ts';
import type { ServerCall } from './call.ts';

/** Printable and short, so that a caller cannot fill or break the log with it. */
const REQUEST_ID = /^[!-~]{1,128}$/;

/**
 * Takes the request id over from the caller, or gives the call one; and
 * continues the caller's trace, where there is one. Streams live for days: what
 * their messages belong to is for whoever handles them to say.
 */
export function trace(traces: Traces | undefined): Middleware<ServerCall> {
  const nameRequest: Middleware<ServerCall> = (call, next) => {
    const given = call.metadata[REQUEST_ID_KEY];
    call.requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
    return next(call);
  };
  if (traces === undefined) return nameRequest;
  return (call, next) => {
    const parent = parseTraceparent(call.metadata[TRACEPARENT_KEY]);
    if (parent === undefined || call.route.kind === 'stream') return nameRequest(call, next);
    const attributes = { 'rpc.system': 'grpc', 'rpc.method': call.route.name };
    const span = traces.begin(call.route.name, { kind: 'server', parent, attributes });
    call.trace = span.context;
    return spanEnd(span, nameRequest(call, next), () => ({ 'im.request_id': call.requestId }));
  };
}
