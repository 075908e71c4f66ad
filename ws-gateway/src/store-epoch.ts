import type { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';

/** How long an answer is good, in milliseconds: the epoch changes only when chat-service starts on a restored store. */
const FRESH_MS = 5_000;

/** The epoch of the conversation store, as `welcome` tells it. */
export interface StoreEpoch {
  /** Rejects only while it was never known and chat-service is away. */
  get(): Promise<string>;
}

export function createStoreEpoch(chat: RpcClient<typeof ChatService>, clock: () => number): StoreEpoch {
  let epoch: string | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<string> | undefined;

  async function read(): Promise<string> {
    try {
      ({ epoch } = await chat.getStore({}));
      readAt = clock();
      return epoch;
    } catch (error) {
      // The last one known is most likely still right, and sync tells the client if not.
      if (epoch !== undefined) return epoch;
      throw error;
    } finally {
      reading = undefined;
    }
  }

  return {
    async get() {
      if (epoch !== undefined && clock() - readAt < FRESH_MS) return epoch;
      reading ??= read();
      return reading;
    },
  };
}
