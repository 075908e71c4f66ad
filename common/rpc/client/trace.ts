import { randomUUID } from 'node:crypto';
import type { Traces } from '../../telemetry/traces.ts';
import type { Middleware } from '../middleware.ts';
import { spanEnd } from '../span-end.ts';
import type { ClientCall } from './call.ts';

/**
 * Gives the call the request id of what it is made for, or a new one, and its
 * place in the trace of that. A call that is made for nothing that is traced
 * begins no trace: it is a poll, a relay or a sweep. Nor do streams, which live
 * for days.
 */
export function trace(traces: Traces | undefined): Middleware<ClientCall> {
  const nameRequest: Middleware<ClientCall> = (call, next) => {
    call.requestId = call.options.requestId ?? call.options.within?.requestId ?? randomUUID();
    return next(call);
  };
  if (traces === undefined) return nameRequest;
  return (call, next) => {
    const parent = call.options.trace ?? call.options.within?.trace;
    if (parent === undefined || call.kind === 'stream') return nameRequest(call, next);
    const attributes = { 'rpc.system': 'grpc', 'rpc.method': call.name, 'im.target': call.target };
    const span = traces.begin(call.name, { kind: 'client', parent, attributes });
    call.trace = span.context;
    return spanEnd(span, nameRequest(call, next), () => ({ 'im.instances': call.tried.join(' ') }));
  };
}
