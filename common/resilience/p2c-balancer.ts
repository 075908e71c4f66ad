import type { Instance } from '../registry/registry.ts';
import type { Balancer } from '../rpc/grpc/balancer.ts';
import { isFailure } from './failure.ts';

/** How quickly what was measured is forgotten: after this time it weighs 1/e. Milliseconds. */
const DECAY_MS = 10_000;
/** An instance that nothing was sent to for so long is asked again, however it looked. Milliseconds. */
const FORCED_AFTER_MS = 1_000;
/** Below this share of successes an instance is unhealthy. */
const HEALTHY = 0.5;
/** How many pairs are drawn until both are healthy. */
const DRAWS = 3;

export interface P2cOptions {
  /** Milliseconds, monotonic. */
  clock?: () => number;
  /** From 0 to below 1. */
  random?: () => number;
}

interface Measured {
  /** Moving average of the latency, in microseconds; 0 until there is one. */
  lagUs: number;
  /** Moving average of successes, 0 to 1. */
  success: number;
  inFlight: number;
  finishedAt: number;
  pickedAt: number;
}

/**
 * The power of two choices: of two instances drawn at random the one with the
 * smaller load, `√(lag + 1) · (in flight + 1)`, gets the call. Nothing is shared
 * between callers, and yet no instance is flooded; a slow one gets less. After
 * go-zero's p2c, except that a healthy one goes before an unhealthy one: a
 * server that fails does so quickly, and would look least loaded.
 */
export function createP2cBalancer(options: P2cOptions = {}): Balancer {
  const { clock = () => performance.now(), random = Math.random } = options;
  const measured = new Map<string, Measured>();

  function of({ address }: Instance): Measured {
    const known = measured.get(address);
    if (known !== undefined) return known;
    const fresh = {
      lagUs: 0,
      success: 1,
      inFlight: 0,
      finishedAt: clock(),
      pickedAt: Number.NEGATIVE_INFINITY,
    };
    measured.set(address, fresh);
    return fresh;
  }

  function drawn(from: readonly Instance[]): readonly [Instance, Instance] {
    if (from.length === 2) return [from[0]!, from[1]!];
    for (let draws = 1; ; draws += 1) {
      const i = Math.floor(random() * from.length);
      const other = Math.floor(random() * (from.length - 1));
      const pair = [from[i]!, from[other >= i ? other + 1 : other]!] as const;
      if (draws === DRAWS || pair.every((one) => isHealthy(of(one)))) return pair;
    }
  }

  function better(one: Instance, other: Instance): boolean {
    const [a, b] = [of(one), of(other)];
    return isHealthy(a) === isHealthy(b) ? load(a) <= load(b) : isHealthy(a);
  }

  function choose(from: readonly Instance[]): Instance {
    if (from.length === 1) return from[0]!;
    const [one, other] = drawn(from);
    const [winner, loser] = better(one, other) ? [one, other] : [other, one];
    return clock() - of(loser).pickedAt > FORCED_AFTER_MS ? loser : winner;
  }

  return {
    pick(candidates) {
      const chosen = choose(candidates);
      of(chosen).pickedAt = clock();
      return chosen;
    },
    started(instance) {
      of(instance).inFlight += 1;
    },
    finished(instance, _call, { durationMs, code }) {
      const m = measured.get(instance.address);
      // Forgotten while the call was under way.
      if (m === undefined || m.inFlight === 0) return;
      m.inFlight -= 1;
      // The caller's doing: it says nothing about the server.
      if (code === 'CANCELLED') return;
      const now = clock();
      const weight = Math.exp(-(now - m.finishedAt) / DECAY_MS);
      m.finishedAt = now;
      const lagUs = durationMs * 1_000;
      m.lagUs = m.lagUs === 0 ? lagUs : m.lagUs * weight + lagUs * (1 - weight);
      m.success = m.success * weight + (isFailure(code) ? 0 : 1 - weight);
    },
    forget(address) {
      measured.delete(address);
    },
  };
}

function isHealthy({ success }: Measured): boolean {
  return success > HEALTHY;
}

function load({ lagUs, inFlight }: Measured): number {
  return Math.sqrt(lagUs + 1) * (inFlight + 1);
}
