import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Counter, type Registry } from 'prom-client';
import type { ServiceName } from '../service/names.ts';
import { within } from '../utils/wait.ts';
import type { Logger } from './log.ts';
import type { ProcessTraces, TraceContext, Traces, TracesSetting } from './traces.ts';

/** Spans that wait for the collector at most; beyond that new ones are lost, so that a collector that is away costs no memory. */
const MAX_WAITING = 8_192;
/** Spans of one request to the collector. */
const BATCH = 512;
/** Between two requests while there is less than a batch. Milliseconds. */
const EVERY_MS = 1_000;
/** What the collector may take to answer. Milliseconds. */
const ANSWERS_WITHIN_MS = 5_000;
/** What handing over the rest may take at the end. Milliseconds. */
const CLOSE_MS = 3_000;
/** One that is away is complained of this often. Milliseconds. */
const COMPLAIN_EVERY_MS = 60_000;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

export interface OtlpTracesOptions {
  setting: TracesSetting;
  /** Tells instances of a service apart. */
  bootId: string;
  log: Logger;
  metrics: Registry;
}

/**
 * Tells an OpenTelemetry collector, in the background. Contexts are handed on in
 * the open and nothing is registered globally, so that services in one process
 * share nothing by accident.
 *
 * Limit: what the collector does not take in time is lost, counted in
 * `traces_failed_spans_total`.
 */
export function openOtlpTraces(options: OtlpTracesOptions): ProcessTraces {
  const { setting, bootId, log, metrics } = options;
  const url = `${setting.endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: ANSWERS_WITHIN_MS });
  const processor = new BatchSpanProcessor({
    exporter: countFailures(exporter, log, metrics),
    maxQueueSize: MAX_WAITING,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: EVERY_MS,
    exportTimeoutMillis: ANSWERS_WITHIN_MS,
  });
  const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(setting.share) });
  const known = new Map<ServiceName, Traces>();

  function open(service: ServiceName): Traces {
    const attributes = {
      'service.namespace': 'im',
      'service.name': service,
      'service.instance.id': bootId,
    };
    const resource = resourceFromAttributes(attributes);
    // One for each service, because it is the provider that has a name; all hand over to the same.
    const provider = new TracerProvider({ resource, sampler, spanProcessors: [processor] });
    return tracesOf(provider.getTracer('im'));
  }

  return {
    of(service) {
      const traces = known.get(service) ?? open(service);
      known.set(service, traces);
      return traces;
    },
    async close() {
      await within(
        processor.shutdown().catch(() => {}),
        CLOSE_MS,
      );
    },
  };
}

function tracesOf(tracer: Tracer): Traces {
  return {
    begin(name, { kind, parent, attributes = {} }) {
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes }, contextOf(parent));
      return {
        context: span.spanContext(),
        set: (more) => void span.setAttributes({ ...more }),
        end(failure) {
          if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
          span.end();
        },
      };
    },
  };
}

function contextOf(parent: TraceContext | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

/** Says what is lost; the library itself is silent. */
function countFailures(exporter: SpanExporter, log: Logger, metrics: Registry): SpanExporter {
  const lost = new Counter({
    name: 'traces_failed_spans_total',
    help: 'Spans that the collector did not take.',
    registers: [metrics],
  });
  let complainedAt = Number.NEGATIVE_INFINITY;
  return {
    export(spans: ReadableSpan[], done) {
      exporter.export(spans, (result) => {
        // 0 is success; the enum is the library's own.
        if (result.code !== 0) {
          lost.inc(spans.length);
          if (performance.now() - complainedAt > COMPLAIN_EVERY_MS) {
            complainedAt = performance.now();
            log.warn({ err: result.error, spans: spans.length }, 'the collector of traces takes nothing');
          }
        }
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
