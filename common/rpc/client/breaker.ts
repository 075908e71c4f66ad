import { Counter, Gauge, type Registry } from 'prom-client';
import { ImError } from '../../errors/im-error.ts';
import { type Breaker, createBreaker } from '../../resilience/breaker.ts';
import { isFailure } from '../../resilience/failure.ts';
import { metricOf } from '../../telemetry/metric-of.ts';
import type { Middleware } from '../middleware.ts';
import type { ClientCall, UnaryCall } from './call.ts';

/** A call with less time than this proves nothing about its server when the time is up. Milliseconds. */
const FAIR_CHANCE_MS = 100;
/** What refused callers are told to wait, in milliseconds: the next probe may have succeeded by then. */
const RETRY_AFTER_MS = 1_000;

export interface BreakerSeams {
  clock?: () => number;
  random?: () => number;
}

/**
 * Refuses calls of methods whose server failed too often lately; a breaker for
 * each method of the target. Streams pass: their messages succeed and fail one
 * by one. So do calls that only one instance will do for, which say nothing
 * about the others.
 */
export function breakCalls(metrics: Registry, seams: BreakerSeams = {}): Middleware<ClientCall> {
  const { clock = () => performance.now(), random = Math.random } = seams;
  const refusals = metricOf(metrics, 'rpc_client_breaker_refusals_total', (name) => {
    const help = 'Calls that were not made because calls of their method had failed too often, by method.';
    return new Counter({ name, help, labelNames: ['method'], registers: [metrics] });
  });
  const state = metricOf(metrics, 'rpc_client_breaker_open', (name) => {
    const help = '1 while calls of the method are refused in part, as of the last call.';
    return new Gauge({ name, help, labelNames: ['method'], registers: [metrics] });
  });
  const breakers = new Map<string, Breaker>();
  const open = new Set<string>();

  function breakerOf(method: string): Breaker {
    const known = breakers.get(method);
    if (known !== undefined) return known;
    const made = createBreaker({ clock, random });
    breakers.set(method, made);
    return made;
  }

  return async (call, next) => {
    if (call.kind === 'stream' || call.options.instance !== undefined) return next(call);
    const method = call.name;
    const breaker = breakerOf(method);
    if (!breaker.allows()) {
      open.add(method);
      state.set({ method }, 1);
      refusals.inc({ method });
      throw new ImError('SERVICE_AWAY', `${call.target} failed too often lately; try again shortly`, {
        retryAfterMs: String(RETRY_AFTER_MS),
      });
    }
    const startedAt = clock();
    try {
      const answer = await next(call);
      breaker.succeeded();
      return answer;
    } catch (error) {
      const verdict = verdictOn(error, call, startedAt);
      if (verdict === 'failed') breaker.failed();
      else if (verdict === 'succeeded') breaker.succeeded();
      throw error;
    } finally {
      if (open.has(method) && breaker.dropRatio() === 0) {
        open.delete(method);
        state.set({ method }, 0);
      }
    }
  };
}

/** What an error says about the server; undefined where it says nothing. */
function verdictOn(error: unknown, call: UnaryCall, startedAt: number): 'failed' | 'succeeded' | undefined {
  // A request that does not fit its contract: it never left.
  if (!(error instanceof ImError)) return undefined;
  if (!isFailure(error.status)) return error.status === 'CANCELLED' ? undefined : 'succeeded';
  // Nobody was there to be asked: nobody to be spared, and they may come any moment.
  if (error.reason === 'SERVICE_AWAY' && call.tried.length === 0) return undefined;
  if (error.status === 'DEADLINE_EXCEEDED' && call.deadlineAt - startedAt < FAIR_CHANCE_MS) return undefined;
  return 'failed';
}
