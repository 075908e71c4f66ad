import type { DescMethod, Message } from '@bufbuild/protobuf';
import type { ServiceName } from '../service/names.ts';
import type { Metadata } from './metadata.ts';

/** One call as a transport carries it. */
export interface TransportCall {
  readonly target: ServiceName;
  /** The boot id of the one instance that will do; any will when undefined. */
  readonly instance: string | undefined;
  /** Calls with the same key go to the same instance as long as it can be reached, for what it has in memory. */
  readonly routeKey?: string | undefined;
  /** Addresses that had this call before, each told by `chosen`; another is taken where there is one. */
  readonly avoid?: readonly string[] | undefined;
  /** Told the address of the instance that gets the call. */
  readonly chosen?: ((address: string) => void) | undefined;
  readonly metadata: Metadata;
  /** Aborts when the caller gives up; its reason is an ImError. */
  readonly signal: AbortSignal;
}

/**
 * Carries calls to wherever their target runs at that moment.
 *
 * Nothing is shared with the other side: messages arrive as copies and errors
 * as data. Fails with ImError, SERVICE_AWAY for a
 * target that is not there; only a message that does not fit its contract throws
 * what says so. An instance that cannot be reached is passed over by itself; a
 * call that may have reached one is never sent a second time.
 */
export interface Transport {
  unary(method: DescMethod, request: Message, call: TransportCall): Promise<Message>;
  /** The call begins when the answers are iterated; to stop iterating cancels it. */
  bidi(method: DescMethod, requests: AsyncIterable<Message>, call: TransportCall): AsyncIterable<Message>;
}
