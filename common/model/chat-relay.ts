import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { AppendEventsRequestSchema, type ChatService } from '../gen/im/chat/v1/chat_service_pb.ts';
import type { ControlRecordSchema } from '../gen/im/chat/v1/control_pb.ts';
import type { RpcClient } from '../rpc/types.ts';
import type { OutboxEntry } from './outbox.ts';
import type { OutboxRow } from './relay.ts';

/** The kind of outbox rows that become ChatService.AppendEvents. */
export const CHAT_KIND = 'chat';

/** Records of one request, as the contract says. */
const MAX_RECORDS = 100;

/**
 * What to append to the outbox so that chat-service appends these records to a
 * conversation's log: spread it and add `at`.
 */
export function chatOutboxRow(
  conversationId: string,
  records: readonly MessageInitShape<typeof ControlRecordSchema>[],
): Omit<OutboxEntry, 'at'> {
  if (records.length < 1 || records.length > MAX_RECORDS) {
    throw new RangeError(`1 to ${MAX_RECORDS} records go into one outbox row, not ${records.length}`);
  }
  // The version is the row's and joins when it is sent.
  const request = create(AppendEventsRequestSchema, { conversationId, records: [...records] });
  return {
    topic: conversationId,
    kind: CHAT_KIND,
    payload: toBinary(AppendEventsRequestSchema, request),
  };
}

/** Makes the relay's `send` that hands rows of kind `chat` to chat-service. */
export function sendToChat(client: RpcClient<typeof ChatService>): (row: OutboxRow) => Promise<void> {
  return async ({ kind, payload, version }) => {
    if (kind !== CHAT_KIND) throw new Error(`chat-service takes no outbox rows of the kind ${kind}`);
    await client.appendEvents({ ...fromBinary(AppendEventsRequestSchema, payload), version });
  };
}
