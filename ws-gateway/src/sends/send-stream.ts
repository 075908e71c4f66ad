import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ChatService, SendItemSchema, SendResult } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { formatTraceparent } from '@im/common/telemetry/traceparent.ts';
import { backoffMs, delay } from '@im/common/utils/wait.ts';
import { takeBatch } from './batch.ts';
import type { Send } from './send.ts';

const BACKOFF = { firstMs: 50, mostMs: 1_000 };

/** A stream that lived this long was a good one: the next begins without waiting. Milliseconds. */
const GOOD_STREAM_MS = 5_000;

/** The stream of sends to one instance of chat-service, opened again whenever it breaks. */
export interface SendStream {
  /** The instance has answered on the stream that is open now. Only then is anything submitted. */
  readonly isGood: boolean;
  /** Sends a group; its members are in order. */
  submit(group: readonly Send[]): void;
  /** A send is owed no longer; its result is dropped should it come. */
  forget(send: Send): void;
  /** Since when something has been written that nothing was heard after; undefined when all is well. */
  silentSince(): number | undefined;
  /** Gives the stream up; another is opened. */
  giveUp(): void;
  /** The instance goes: nothing more is submitted. Resolves once everything is answered or broken off. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

export interface SendStreamOptions {
  chat: RpcClient<typeof ChatService>;
  /** The boot id of the instance. */
  instance: string;
  /** Monotonic, in milliseconds. */
  clock: () => number;
  log: Logger;
  onResult: (send: Send, result: SendResult['result']) => void;
  /** It is good from now on. */
  onGood: () => void;
  /** It is not good any more; these groups are unanswered, in the order of submission. */
  onBroken: (unanswered: readonly (readonly Send[])[]) => void;
}

export function createSendStream(options: SendStreamOptions): SendStream {
  const { chat, instance, clock, log, onResult } = options;
  /** By item id, in the order of submission. */
  const unanswered = new Map<number, Send>();
  const closing = new AbortController();
  let outbox: Send[][] = [];
  let wake = () => {};
  let current = new AbortController();
  let heardAt = Number.NEGATIVE_INFINITY;
  let isGood = false;
  let isLeaving = false;

  async function* requests(signal: AbortSignal) {
    // Without items, so that the answer shows whether anybody is there.
    yield { items: [] };
    while (!signal.aborted) {
      const batch = takeBatch(outbox, (send) => unanswered.has(send.itemId));
      if (batch.length === 0) {
        if (isLeaving && unanswered.size === 0) return;
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
    try {
      for await (const { results } of chat.sendStream(requests(signal), { signal, instance })) {
        heardAt = clock();
        if (!isGood) becomeGood();
        for (const { itemId, result } of results) {
          const send = unanswered.get(itemId);
          if (send !== undefined) onResult(send, result);
        }
      }
    } finally {
      current.abort();
      wake();
      breakOff();
    }
  }

  function becomeGood(): void {
    isGood = true;
    options.onGood();
  }

  function breakOff(): void {
    isGood = false;
    outbox = [];
    const groups = [...Map.groupBy(unanswered.values(), ({ groupId }) => groupId).values()];
    unanswered.clear();
    if (groups.length > 0 && !closing.signal.aborted) options.onBroken(groups);
  }

  async function keepOpen(): Promise<void> {
    let attempt = 0;
    while (!closing.signal.aborted && !isLeaving) {
      const openedAt = clock();
      try {
        await open();
        log.info({ instance }, 'chat-service ended the stream of sends');
      } catch (error) {
        if (attempt === 0 && !closing.signal.aborted)
          log.warn({ err: error, instance }, 'the stream of sends broke');
      }
      if (clock() - openedAt > GOOD_STREAM_MS) attempt = 0;
      if (isLeaving) return;
      await delay(backoffMs(attempt, BACKOFF), closing.signal).catch(() => {});
      attempt += 1;
    }
  }
  const kept = keepOpen();

  return {
    get isGood() {
      return isGood;
    },
    submit(group) {
      for (const send of group) unanswered.set(send.itemId, send);
      outbox.push([...group]);
      wake();
    },
    forget(send) {
      unanswered.delete(send.itemId);
      if (isLeaving) wake();
    },
    silentSince() {
      for (const { writtenAt } of unanswered.values())
        if (writtenAt !== undefined && writtenAt > heardAt) return writtenAt;
      return undefined;
    },
    giveUp: () => current.abort(),
    leave() {
      isLeaving = true;
      if (!isGood) current.abort();
      wake();
      return kept;
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
  const { itemId, groupId, uid, sessionId, request, requestId, trace } = send;
  const timeoutMs = Math.max(1, Math.ceil(send.deadlineAt - now));
  const traceparent = trace && formatTraceparent(trace);
  return { itemId, groupId, uid, sessionId, timeoutMs, request, requestId, traceparent };
}
