import { pino } from 'pino';
import { Registry } from 'prom-client';
import { UserService } from '../../../gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '../../../gen/im/ws/v1/delivery_service_pb.ts';
import { createRpcServer, type RpcServer } from '../../server.ts';
import type { RpcHandlers } from '../../types.ts';

/** Answers with its own name; a user called `nobody` is never answered. */
function whoAnswers(name: string): Pick<RpcHandlers<typeof UserService>, 'getUser' | 'createUser'> {
  return {
    getUser: async () => ({ user: { nickname: name } }),
    createUser: async ({ username }) => {
      if (username === 'nobody') await new Promise(() => {});
      return { user: { nickname: name } };
    },
  };
}

/** Answers each delivery with its number. */
const echoDeliveries: RpcHandlers<typeof DeliveryService>['deliver'] = async function* (requests) {
  for await (const { number } of requests) yield { number };
};

/** Servers of users and deliveries that believe whoever calls. Users are answered with `name`. */
export function namedServers(name: string): RpcServer[] {
  const tokens = { verify: () => 'chat-service' as const };
  const common = { tokens, log: pino({ level: 'silent' }), metrics: new Registry() };
  const users = { service: UserService, handlers: whoAnswers(name) };
  const deliveries = { service: DeliveryService, handlers: { deliver: echoDeliveries } };
  return [
    createRpcServer({ ...common, service: 'user-service', bindings: [users] }),
    createRpcServer({ ...common, service: 'ws-gateway', bindings: [deliveries] }),
  ];
}
