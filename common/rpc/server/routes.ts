import type { DescMethod, Message } from '@bufbuild/protobuf';
import type { Access } from '../../gen/im/options/v1/options_pb.ts';
import { accessOf } from '../access.ts';
import type { CallContext } from '../context.ts';
import type { MessageInit } from '../message-init.ts';
import { methodName } from '../method-name.ts';
import type { RpcBinding } from '../types.ts';

export type UnaryHandler = (request: Message, ctx: CallContext) => Promise<MessageInit>;
export type StreamHandler = (
  requests: AsyncIterable<Message>,
  ctx: CallContext,
) => AsyncIterable<MessageInit>;

/** A method together with what serves it. */
export type Route = {
  readonly name: string;
  readonly method: DescMethod;
  readonly access: Access | undefined;
} & (
  | { readonly kind: 'unary'; readonly handler: UnaryHandler }
  | { readonly kind: 'stream'; readonly handler: StreamHandler }
);

/** The routes of all bindings. Throws for a kind of stream that no contract of ours uses. */
export function routesOf(bindings: readonly RpcBinding[]): Map<DescMethod, Route> {
  const routes = new Map<DescMethod, Route>();
  for (const { service, handlers } of bindings) {
    for (const method of service.methods) {
      const handler = handlers[method.localName];
      if (handler === undefined) continue;
      const common = { name: methodName(method), method, access: accessOf(method) };
      if (method.methodKind === 'unary')
        routes.set(method, { ...common, kind: 'unary', handler: handler as UnaryHandler });
      else if (method.methodKind === 'bidi_streaming')
        routes.set(method, { ...common, kind: 'stream', handler: handler as StreamHandler });
      else throw new Error(`${common.name}: streams go both ways or not at all`);
    }
  }
  return routes;
}
