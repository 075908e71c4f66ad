import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { fromErrorBody } from '@im/common/errors/error-body.ts';
import type {
  ChatService,
  SendItemSchema,
  SendStreamRequestSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import { textContent } from './chat-user.ts';

/** Time that an item has when a test gives none. Milliseconds. */
const TIMEOUT_MS = 10_000;

export type StreamItem = Omit<MessageInitShape<typeof SendItemSchema>, '$typeName' | 'itemId'> & {
  uid: string;
};

/** A gateway's stream of sends. */
export interface SendStreamClient {
  /** Sends the items in one message; each has an outcome of its own, a refusal rejects. Items without a group get one each. */
  send(items: readonly StreamItem[]): Promise<Message>[];
  /** No more items; resolves when the stream has ended, answers to all before. */
  end(): Promise<void>;
  /** Stops reading at once, as a gateway that dies does. */
  abort(): void;
}

/** A text as an item of a stream. */
export function textItem(
  uid: string,
  conversationId: string,
  text: string,
  options: { clientMsgId?: string; groupId?: number; timeoutMs?: number } = {},
): StreamItem {
  const { clientMsgId = randomUUID(), ...item } = options;
  const value = { conversationId, clientMsgId, content: textContent(text) };
  return { uid, request: { case: 'sendMessage', value }, ...item };
}

export function openSendStream(client: RpcClient<typeof ChatService>): SendStreamClient {
  const outcomes = new Map<number, PromiseWithResolvers<Message>>();
  const outbox: MessageInitShape<typeof SendStreamRequestSchema>[] = [];
  const stopping = new AbortController();
  let lastId = 0;
  let ended = false;
  let wake = () => {};

  async function* requests() {
    while (!ended || outbox.length > 0) {
      const next = outbox.shift();
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  async function read(): Promise<void> {
    for await (const { results } of client.sendStream(requests(), { signal: stopping.signal })) {
      for (const { itemId, result } of results) {
        const outcome = outcomes.get(itemId)!;
        outcomes.delete(itemId);
        if (result.case === 'message') outcome.resolve(result.value);
        else if (result.case === 'error') outcome.reject(fromErrorBody(result.value));
      }
    }
  }

  const reading = read();
  reading.catch(() => undefined);
  return {
    send(items) {
      const inits = items.map((item) => {
        lastId += 1;
        outcomes.set(lastId, Promise.withResolvers<Message>());
        return { timeoutMs: TIMEOUT_MS, groupId: lastId, sessionId: 'session', ...item, itemId: lastId };
      });
      outbox.push({ items: inits as MessageInitShape<typeof SendItemSchema>[] });
      const promises = inits.map(({ itemId }) => outcomes.get(itemId)!.promise);
      // Whoever does not look at an outcome does not want to hear of its refusal.
      for (const promise of promises) promise.catch(() => undefined);
      wake();
      return promises;
    },
    async end() {
      ended = true;
      wake();
      await reading;
    },
    abort: () => stopping.abort(),
  };
}
