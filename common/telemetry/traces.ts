import { z } from 'zod';
import type { ServiceName } from '../service/names.ts';

/**
 * The part of a settings file that says whether and where what a request
 * causes is told: an OpenTelemetry collector that takes OTLP over HTTP.
 */
export const tracesConfig = z
  .strictObject({
    /** `http://collector:4318`. Empty: nothing is traced, and nothing travels beside calls for it. */
    endpoint: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
    /** How many of the traces that begin here are kept, 0 to 1; those that callers began are kept as these say. */
    share: z.number().min(0).max(1).default(1),
  })
  .prefault({});

export type TracesSetting = z.output<typeof tracesConfig>;

/** Where something stands in its trace: what whoever continues the trace must know. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0: the trace is kept. */
  readonly traceFlags: number;
}

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer';
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A stretch of work that is being traced. */
export interface TraceSpan {
  readonly context: TraceContext;
  set(attributes: SpanAttributes): void;
  /** Ends it, once. `failure` is what kept the work from being done; a refusal is none. */
  end(failure?: string): void;
}

/** Traces of one service. They begin where something comes from outside; what a service does by itself has none. */
export interface Traces {
  /** Begins a span under `parent`, or a trace where there is none. It must be ended. */
  begin(
    name: string,
    options: { kind: SpanKind; parent?: TraceContext | undefined; attributes?: SpanAttributes },
  ): TraceSpan;
}

/** Traces of a process. */
export interface ProcessTraces {
  of(service: ServiceName): Traces;
  /** Hands over what is left, within a bounded time. Never rejects. */
  close(): Promise<void>;
}
