import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import { answer } from './answer.ts';

/** Answers a hello or a renew. */
export function welcome(
  context: GatewayContext,
  connection: Connection,
  replyTo: string,
  epoch: string,
): void {
  const { uid, sessionId } = connection.user!;
  const { heartbeatSeconds } = context.config;
  const serverTime = new Date(context.now()).toISOString();
  answer(context, connection, replyTo, {
    case: 'welcome',
    value: { uid, sessionId, serverTime, heartbeatSeconds, epoch },
  });
}
