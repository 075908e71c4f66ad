import type { TraceContext } from './traces.ts';

/**
 * W3C trace context as it travels: the header of HTTP and Kafka, the metadata of
 * RPC. Limit: `tracestate`, what vendors add for themselves, goes no further.
 */
export const TRACEPARENT = 'traceparent';

/** Version, trace, span, flags; what later versions append does not matter to us. */
const FORM = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}

/** Undefined for what is none: a trace then begins anew, as the standard says. */
export function parseTraceparent(text: string | undefined): TraceContext | undefined {
  if (text === undefined) return undefined;
  const [, version, traceId, spanId, flags, more] = FORM.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  if (version === '00' && more !== undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '00', 16) };
}
