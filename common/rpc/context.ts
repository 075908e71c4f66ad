import { ImError } from '../errors/im-error.ts';
import type { ServiceName } from '../service/names.ts';
import type { Logger } from '../telemetry/log.ts';
import type { TraceContext } from '../telemetry/traces.ts';

/** Who calls, as the identity middleware established it from the call's token. */
export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'user'; readonly uid: string; readonly sessionId: string; readonly gateway: ServiceName }
  | {
      readonly kind: 'apiKey';
      readonly keyId: string;
      readonly scopes: readonly string[];
      readonly gateway: ServiceName;
    }
  | { readonly kind: 'service'; readonly service: ServiceName };

/** What a handler knows about the call it serves. */
export interface CallContext {
  readonly caller: Caller;
  /** One id for everything that a request from outside caused. */
  readonly requestId: string;
  /** Its place in the trace of that; undefined where nothing is traced. */
  readonly trace?: TraceContext | undefined;
  /** The client's network address as the gateway saw it; '' for calls of services. */
  readonly clientAddress: string;
  /** When the answer is of no use any more, on the clock of `performance.now()`; Infinity for streams. */
  readonly deadlineAt: number;
  /** Aborts at the deadline or when the caller goes away. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** The signed-in user of a call; throws SIGN_IN_REQUIRED where there is none. */
export function callerUser(ctx: CallContext): { uid: string; sessionId: string } {
  if (ctx.caller.kind !== 'user') throw new ImError('SIGN_IN_REQUIRED', 'sign in first');
  return ctx.caller;
}

/** The service that calls on its own behalf; throws ACCESS_DENIED where it is somebody else. */
export function callerService(ctx: CallContext): ServiceName {
  if (ctx.caller.kind !== 'service') throw new ImError('ACCESS_DENIED', 'for services only');
  return ctx.caller.service;
}
