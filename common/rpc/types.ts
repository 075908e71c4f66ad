import type { DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import type { TraceContext } from '../telemetry/traces.ts';
import type { CallContext } from './context.ts';

/** What a generated service looks like to the type system. */
export type AnyService = GenService<GenServiceMethods> & DescService;

/**
 * The object that serves a contract. It is checked against the whole service
 * type, so a forgotten method is a compile error.
 */
export type RpcHandlers<S> =
  S extends GenService<infer M>
    ? {
        [K in keyof M]: M[K]['methodKind'] extends 'unary'
          ? (
              request: MessageShape<M[K]['input']>,
              ctx: CallContext,
            ) => Promise<MessageInitShape<M[K]['output']>>
          : (
              requests: AsyncIterable<MessageShape<M[K]['input']>>,
              ctx: CallContext,
            ) => AsyncIterable<MessageInitShape<M[K]['output']>>;
      }
    : never;

/** Whom a gateway speaks for. */
export type SpokenFor =
  | { readonly kind: 'user'; readonly uid: string; readonly sessionId: string }
  | { readonly kind: 'apiKey'; readonly keyId: string; readonly scopes: readonly string[] };

export interface CallOptions {
  /** The call being served: its deadline, request id, trace and cancellation are inherited. */
  within?: CallContext;
  /** Gateways only. Without it a call is the calling service's own. */
  speakFor?: SpokenFor;
  /** Milliseconds; the smaller of this and what is left of `within` counts. Default 2,000 for unary calls. */
  timeoutMs?: number;
  signal?: AbortSignal;
  requestId?: string;
  /** What it is made for, where that is traced. */
  trace?: TraceContext | undefined;
  clientAddress?: string;
  /** The boot id of one instance, where any other would be wrong. */
  instance?: string;
  /** Calls with the same key go to the same instance as long as it lives, for what it has in memory. */
  routeKey?: string;
}

/** A typed client. Fails with ImError; a service that is not there is SERVICE_AWAY. Only a request that does not fit its contract throws what says so. */
export type RpcClient<S> =
  S extends GenService<infer M>
    ? {
        [K in keyof M]: M[K]['methodKind'] extends 'unary'
          ? (
              request: MessageInitShape<M[K]['input']>,
              options?: CallOptions,
            ) => Promise<MessageShape<M[K]['output']>>
          : (
              requests: AsyncIterable<MessageInitShape<M[K]['input']>>,
              options?: CallOptions,
            ) => AsyncIterable<MessageShape<M[K]['output']>>;
      }
    : never;

/** A contract together with what serves it. */
export interface RpcBinding {
  readonly service: DescService;
  readonly handlers: Record<string, unknown>;
}

/** Binds handlers to their contract. */
export function bindRpc<S extends AnyService>(service: S, handlers: RpcHandlers<S>): RpcBinding {
  return { service, handlers: handlers as Record<string, unknown> };
}
