import type { MessageInitShape } from '@bufbuild/protobuf';
import { DeliveryService, type PushSchema } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { createQueue } from './queue.ts';
import type { TestGateway } from './start-gateway.ts';

export type PushInit = MessageInitShape<typeof PushSchema>;

/** A delivering service's stream to the gateway. */
export interface TestDelivery {
  /** Sends a delivery and waits for its acknowledgement. */
  deliver(number: number, ...pushes: PushInit[]): Promise<void>;
  /** Ends the stream as a sender does that has said everything. */
  end(): Promise<void>;
  /** Breaks it off. */
  abort(): Promise<void>;
}

export function openDelivery(gateway: TestGateway, senderBootId = 'sender'): TestDelivery {
  const requests = createQueue<{ senderBootId: string; number: number; pushes: PushInit[] }>();
  const aborting = new AbortController();
  const taken: number[] = [];
  const client = gateway.process.client(DeliveryService, 'chat-service');
  const reading = (async () => {
    for await (const { number } of client.deliver(requests, { signal: aborting.signal })) taken.push(number);
  })().catch(() => {});
  return {
    async deliver(number, ...pushes) {
      const before = taken.length;
      requests.push({ senderBootId, number, pushes });
      await eventually(() => {
        if (taken.indexOf(number, before) === -1) throw new Error(`${number} is not taken`);
      });
    },
    async end() {
      requests.end();
      await reading;
    },
    async abort() {
      aborting.abort();
      await reading;
    },
  };
}

/** The ids of a user's connections, as presence has them. */
export async function connectionsOf(gateway: TestGateway, uid: string): Promise<string[]> {
  const found = await gateway.process.kit.locations.find([uid]);
  return (found.get(uid) ?? []).map(({ connectionId }) => connectionId);
}

/** The push of a message with this text. */
export function messagePush(connectionIds: string[], seq: number, text = 'hello'): PushInit {
  const content = { kind: { case: 'text', value: { text } } } as const;
  const message = { conversationId: 's:1:2', seq, content };
  const event = { conversationId: 's:1:2', seq, kind: { case: 'message', value: message } } as const;
  return { connectionIds, frame: { case: 'event', value: event } };
}
