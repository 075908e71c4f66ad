import type { StatusName } from '../../errors/im-error.ts';
import type { Instance } from '../../registry/registry.ts';
import type { ServiceName } from '../../service/names.ts';

/** What is known of a call when an instance is chosen for it. */
export interface BalancedCall {
  readonly target: ServiceName;
  /** `im.user.v1.UserService/GetUser`. */
  readonly method: string;
  readonly kind: 'unary' | 'stream';
}

/** How a call came out. */
export interface CallOutcome {
  /** From handing it to the connection to its answer or failure. */
  readonly durationMs: number;
  /** What the caller gets; CANCELLED and DEADLINE_EXCEEDED also where the caller ended it. */
  readonly code: 'OK' | StatusName;
}

/**
 * Spreads the calls of one process over the instances of its targets, and
 * learns from how they come out. Everything is told by the instance's address,
 * which services in one process share.
 */
export interface Balancer {
  /**
   * One of the candidates; at least one is given, all of them alive as far as anybody knows.
   * Not asked for calls that only one instance will do for.
   */
  pick(candidates: readonly Instance[], call: BalancedCall): Instance;
  /** A unary call goes to this instance, whoever chose it. Streams are not told of: they live for days. */
  started(instance: Instance, call: BalancedCall): void;
  /** Exactly once for every `started`. */
  finished(instance: Instance, call: BalancedCall, outcome: CallOutcome): void;
  /** The address left every list. What was learnt of it may be forgotten; calls under way to it still finish. */
  forget(address: string): void;
}

/** Takes turns, for each target by itself, whatever comes of the calls. */
export function createRoundRobin(): Balancer {
  const turns = new Map<ServiceName, number>();
  return {
    pick(candidates, { target }) {
      const turn = turns.get(target) ?? 0;
      turns.set(target, turn + 1);
      return candidates[turn % candidates.length]!;
    },
    started() {},
    finished() {},
    forget() {},
  };
}
