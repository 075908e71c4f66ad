import type { Message } from '@bufbuild/protobuf';
import type { AnyService, CallOptions } from '@im/common/rpc/types.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import type { CallRpc } from './register-routes.ts';

type Methods = Record<string, (request: Message, options: CallOptions) => Promise<Message>>;

/** Calls any method of `services` through the typed clients of the process. */
export function createRpcCaller(host: ServiceHost, services: readonly AnyService[]): CallRpc {
  const clients = new Map(services.map((service) => [service, host.client(service) as unknown as Methods]));
  return ({ service, rpc }, request, options) => clients.get(service)![rpc.localName]!(request, options);
}
