import { randomUUID } from 'node:crypto';
import { GatewayService } from '@im/common/gen/im/gateway/v1/gateway_service_pb.ts';
import { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { type Row, row } from './row.ts';
import { CHAT_ROWS } from './rows/chat.ts';
import { FRIEND_ROWS } from './rows/friends.ts';
import { GROUP_ROWS } from './rows/groups.ts';
import { SESSION_ROWS } from './rows/sessions.ts';
import { USER_ROWS } from './rows/users.ts';

const GATEWAY_ROWS = [
  row(GatewayService.method.getConfig, { public: true, request: () => ({}) }),
  row(DeliveryService.method.deliver, {
    services: ['chat-service'],
    request: () => ({ senderBootId: randomUUID(), number: 1, pushes: [] }),
  }),
];

/** Who may call which method, by its full name. A method without a row fails the test. */
export const ACCESS_TABLE: ReadonlyMap<string, Row> = new Map([
  ...GATEWAY_ROWS,
  ...USER_ROWS,
  ...SESSION_ROWS,
  ...FRIEND_ROWS,
  ...GROUP_ROWS,
  ...CHAT_ROWS,
]);
