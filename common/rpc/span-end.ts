import { normalizeError } from '../errors/normalize-error.ts';
import { isFailure } from '../resilience/failure.ts';
import type { SpanAttributes, TraceSpan } from '../telemetry/traces.ts';

/** Ends the span of a call with how the call comes out. What is the caller's own fault is an answer like others. */
export async function spanEnd<T>(
  span: TraceSpan,
  call: Promise<T>,
  more: () => SpanAttributes = () => ({}),
): Promise<T> {
  try {
    const answer = await call;
    span.set({ 'rpc.response.status_code': 'OK', ...more() });
    span.end();
    return answer;
  } catch (error) {
    const { status, reason } = normalizeError(error);
    span.set({ 'rpc.response.status_code': status, 'error.type': reason, ...more() });
    span.end(isFailure(status) ? reason : undefined);
    throw error;
  }
}
