import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DeliveryService, PushSchema } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { createDeliverQueue, type DeliverQueue } from './deliver-queue.ts';

/** A gateway that has not taken a push within this time is skipped. Milliseconds. */
const TAKEN_WITHIN_MS = 1_000;
/** When a stream broke with pushes on it, the gap is shown after this time unless a push does so before. Milliseconds. */
const SHOW_GAP_AFTER_MS = 1_000;
/** A gateway that cannot be reached this often in a row is gone: its sockets are too. */
const MAX_FAILURES = 5;

export type PushInit = MessageInitShape<typeof PushSchema>;

/** Numbered pushes to one gateway. Never waits: a stuck gateway must not starve the others. */
export interface GatewayStream {
  /** It could not be reached so often in a row that it is taken for dead. */
  readonly isGone: boolean;
  push(pushes: PushInit[]): void;
  /** Something for this gateway was lost before it could be pushed: shows it a gap. */
  lose(): void;
  /** Resolves when the gateway has taken everything, or has had its time. */
  close(): Promise<void>;
}

/**
 * A push that the gateway did not take is dropped, but its number is used up:
 * the gateway sees the gap and has its sockets resync.
 */
export function createGatewayStream(options: {
  client: RpcClient<typeof DeliveryService>;
  gatewayBootId: string;
  senderBootId: string;
  log: Logger;
}): GatewayStream {
  const { client, gatewayBootId, senderBootId, log } = options;
  let number = 0;
  let current: OpenStream | undefined;
  let failures = 0;
  let gapTimer: NodeJS.Timeout | undefined;
  let closed = false;

  function open(): OpenStream {
    const queue = createDeliverQueue();
    const over = new AbortController();
    const stream: OpenStream = { queue, over, sentAt: new Map(), done: Promise.resolve() };
    stream.done = follow(stream);
    return stream;
  }

  async function follow(stream: OpenStream): Promise<void> {
    const { queue, over, sentAt } = stream;
    try {
      const answers = client.deliver(queue.requests(), { instance: gatewayBootId, signal: over.signal });
      for await (const answer of answers) {
        failures = 0;
        for (const sent of sentAt.keys()) {
          if (sent > answer.number) break;
          sentAt.delete(sent);
        }
      }
    } catch (error) {
      if (!over.signal.aborted) {
        log.warn({ err: error, gateway: gatewayBootId }, 'a gateway does not take pushes');
      }
    } finally {
      const broke = current === stream && sentAt.size > 0;
      end(stream);
      if (broke) showGapLater();
    }
  }

  function end(stream: OpenStream): void {
    stream.over.abort();
    stream.queue.drop();
    if (current === stream) current = undefined;
  }

  function showGapLater(): void {
    failures += 1;
    if (closed || failures >= MAX_FAILURES) return;
    gapTimer ??= setTimeout(() => send([]), SHOW_GAP_AFTER_MS);
  }

  function send(pushes: PushInit[]): void {
    if (closed) return;
    clearTimeout(gapTimer);
    gapTimer = undefined;
    number += 1;
    const now = performance.now();
    const oldest = current?.sentAt.values().next().value;
    if (current && oldest !== undefined && now - oldest > TAKEN_WITHIN_MS) {
      log.warn({ gateway: gatewayBootId }, 'a gateway is skipped: it has not taken a push for too long');
      end(current);
    }
    current ??= open();
    current.sentAt.set(number, now);
    current.queue.add({ senderBootId, number, pushes });
  }

  return {
    get isGone() {
      return failures >= MAX_FAILURES;
    },
    push: send,
    lose() {
      number += 1;
      send([]);
    },
    async close() {
      closed = true;
      clearTimeout(gapTimer);
      const stream = current;
      if (!stream) return;
      stream.queue.end();
      const tooLong = setTimeout(() => end(stream), TAKEN_WITHIN_MS);
      await stream.done;
      clearTimeout(tooLong);
    },
  };
}

interface OpenStream {
  readonly queue: DeliverQueue;
  readonly over: AbortController;
  /** When each number that is not answered yet was sent, the oldest first. */
  readonly sentAt: Map<number, number>;
  done: Promise<void>;
}
