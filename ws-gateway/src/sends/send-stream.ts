import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChatService, SendItemSchema, SendResult } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { backoffMs, delay } from '@im/common/utils/wait.ts';
import { takeBatch } from './batch.ts';
import type { Send } from './send.ts';

const BACKOFF = { firstMs: 50, mostMs: 1_000 };

/** A stream that lived this long was a good one: the next begins without waiting. Milliseconds. */
const GOOD_STREAM_MS = 5_000;

/**
 * The gateway's stream of sends to chat-service. It is opened again whenever
 * it breaks, and what is unanswered goes again then, in order, before anything
 * newer: chat-service knows a repeated send by its clientMsgId.
 */
export interface SendStream {
  /** Opens the stream; what was submitted before goes first. */
  start(): void;
  /** Sends a group; its members are in order. */
  submit(group: readonly Send[]): void;
  /** A send is owed no longer; its result is dropped should it come. */
  forget(send: Send): void;
  /** A send was not answered in time: a stream that has been dumb ever since it was written is given up. */
  overdue(send: Send): void;
  close(): Promise<void>;
}

export interface SendStreamOptions {
  chat: RpcClient<typeof ChatService>;
  /** Monotonic, in milliseconds. */
  clock: () => number;
  log: Logger;
  onResult: (send: Send, result: SendResult['result']) => void;
}

export function createSendStream({ chat, clock, log, onResult }: SendStreamOptions): SendStream {
  /** By item id, in the order of submission. */
  const unanswered = new Map<number, Send>();
  const closing = new AbortController();
  let outbox: Send[][] = [];
  let wake = () => {};
  let current = new AbortController();
  let heardAt = Number.NEGATIVE_INFINITY;

  async function* requests(signal: AbortSignal) {
    while (!signal.aborted) {
      const batch = takeBatch(outbox, (send) => unanswered.has(send.itemId));
      if (batch.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const now = clock();
      for (const send of batch) send.writtenAt = now;
      yield { items: batch.map((send) => itemOf(send, now)) };
    }
  }

  async function open(): Promise<void> {
    current = new AbortController();
    const { signal } = current;
    outbox = [...Map.groupBy(unanswered.values(), ({ groupId }) => groupId).values()];
    try {
      for await (const { results } of chat.sendStream(requests(signal), { signal })) {
        heardAt = clock();
        for (const { itemId, result } of results) {
          const send = unanswered.get(itemId);
          if (send !== undefined) onResult(send, result);
        }
      }
    } finally {
      current.abort();
      wake();
    }
  }

  async function keepOpen(): Promise<void> {
    let attempt = 0;
    while (!closing.signal.aborted) {
      const openedAt = clock();
      try {
        await open();
        log.info('chat-service ended the stream of sends');
      } catch (error) {
        if (attempt === 0 && !closing.signal.aborted) log.warn({ err: error }, 'the stream of sends broke');
      }
      if (clock() - openedAt > GOOD_STREAM_MS) attempt = 0;
      await delay(backoffMs(attempt, BACKOFF), closing.signal).catch(() => {});
      attempt += 1;
    }
  }
  let kept: Promise<void> | undefined;

  return {
    start() {
      kept = keepOpen();
    },
    submit(group) {
      for (const send of group) unanswered.set(send.itemId, send);
      outbox.push([...group]);
      wake();
    },
    forget(send) {
      unanswered.delete(send.itemId);
    },
    overdue(send) {
      if (send.writtenAt !== undefined && heardAt < send.writtenAt) current.abort();
    },
    async close() {
      closing.abort();
      current.abort();
      wake();
      await kept;
    },
  };
}

function itemOf(send: Send, now: number): MessageInitShape<typeof SendItemSchema> {
  const { itemId, groupId, uid, sessionId, request, requestId } = send;
  const timeoutMs = Math.max(1, Math.ceil(send.deadlineAt - now));
  return { itemId, groupId, uid, sessionId, timeoutMs, request, requestId };
}
