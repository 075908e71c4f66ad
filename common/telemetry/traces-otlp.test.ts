import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { startTraceCollector, type TraceCollector } from '../testing/trace-collector.ts';
import { openTraces } from './open-traces.ts';
import { tracesConfig } from './traces.ts';

let collector: TraceCollector | undefined;
afterEach(() => collector?.close());

const warnings: Record<string, unknown>[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => warnings.push(JSON.parse(line)) });

async function open(endpoint: string, share = 1) {
  const metrics = new Registry();
  const setting = tracesConfig.parse({ endpoint, share });
  const traces = await openTraces({ setting, bootId: 'boot-1', log, metrics });
  return { traces: traces!, metrics };
}

test('nothing is traced where nothing is set', async () => {
  const setting = tracesConfig.parse(undefined);
  expect(setting).toEqual({ endpoint: '', share: 1 });
  expect(await openTraces({ setting, bootId: 'boot-1', log, metrics: new Registry() })).toBeUndefined();
  expect(tracesConfig.safeParse({ endpoint: 'collector:4318' }).success).toBe(false);
});

test('spans of several services come with their names, parents and outcomes', async () => {
  collector = await startTraceCollector();
  const { traces } = await open(`${collector.endpoint}/`);
  const first = traces.of('api-gateway').begin('first', { kind: 'server', attributes: { size: 3 } });
  const second = traces.of('chat-service').begin('second', { kind: 'consumer', parent: first.context });
  second.end('it broke');
  first.set({ more: 'text' });
  first.end();
  await traces.close();
  const { traceId } = first.context;
  expect([...collector.spans].sort((a, b) => a.name.localeCompare(b.name))).toEqual([
    {
      service: 'api-gateway',
      name: 'first',
      kind: 'server',
      traceId,
      spanId: first.context.spanId,
      parentSpanId: '',
      attributes: { size: 3, more: 'text' },
      failure: undefined,
    },
    {
      service: 'chat-service',
      name: 'second',
      kind: 'consumer',
      traceId,
      spanId: second.context.spanId,
      parentSpanId: first.context.spanId,
      attributes: {},
      failure: 'it broke',
    },
  ]);
});

test('of the traces that begin here a share is kept; those of others as they say', async () => {
  collector = await startTraceCollector();
  const { traces } = await open(collector.endpoint, 0);
  const own = traces.of('api-gateway').begin('own', { kind: 'server' });
  const parent = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  const given = traces.of('api-gateway').begin('given', { kind: 'server', parent });
  own.end();
  given.end();
  await traces.close();
  expect(own.context.traceFlags).toBe(0);
  expect(collector.spans.map(({ name }) => name)).toEqual(['given']);
});

test('a collector that is away costs a warning and a count, and does not keep a process from ending', async () => {
  const gone = await startTraceCollector();
  await gone.close();
  const { traces, metrics } = await open(gone.endpoint);
  for (let i = 0; i < 3; i += 1) traces.of('api-gateway').begin('lost', { kind: 'server' }).end();
  await traces.close();
  // What was on its way when the process would not wait any longer is counted when it fails.
  await expect
    .poll(() => metrics.getSingleMetricAsString('traces_failed_spans_total'), { timeout: 10_000 })
    .toMatch(/ 3$/);
  expect(warnings.at(-1)).toMatchObject({ spans: 3 });
});
