import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  DeliverRequestSchema,
  DeliveryService,
  Push,
  PushSchema,
} from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';

/** A gateway that has not taken a push within this time is skipped. Milliseconds. */
const TAKEN_WITHIN_MS = 1_000;

export type PushInit = MessageInitShape<typeof PushSchema>;
export type { Push };

type Request = MessageInitShape<typeof DeliverRequestSchema>;

/** Numbered pushes to one gateway. Never waits: a stuck gateway must not starve the others. */
export interface GatewayStream {
  push(pushes: PushInit[]): void;
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
  let number = 0;
  let current: OpenStream | undefined;

  function open(): OpenStream {
    const stream: OpenStream = { waiting: [], taken: number, sentAt: new Map(), over: new AbortController() };
    stream.done = follow(stream);
    return stream;
  }

  async function follow(stream: OpenStream): Promise<void> {
    try {
      const answers = options.client.deliver(requests(stream), {
        instance: options.gatewayBootId,
        signal: stream.over.signal,
      });
      for await (const answer of answers) {
        for (const sent of stream.sentAt.keys()) if (sent <= answer.number) stream.sentAt.delete(sent);
      }
    } catch (error) {
      if (!stream.over.signal.aborted) {
        options.log.warn({ err: error, gateway: options.gatewayBootId }, 'a gateway does not take pushes');
      }
    } finally {
      end(stream);
    }
  }

  function end(stream: OpenStream): void {
    stream.over.abort();
    stream.wake?.();
    if (current === stream) current = undefined;
  }

  return {
    push(pushes) {
      number += 1;
      const now = performance.now();
      const oldest = current?.sentAt.values().next().value;
      if (current && oldest !== undefined && now - oldest > TAKEN_WITHIN_MS) end(current);
      current ??= open();
      current.sentAt.set(number, now);
      current.waiting.push({ senderBootId: options.senderBootId, number, pushes });
      current.wake?.();
    },
    async close() {
      const stream = current;
      if (!stream) return;
      stream.ending = true;
      stream.wake?.();
      await stream.done;
    },
  };
}

interface OpenStream {
  waiting: Request[];
  taken: number;
  /** When each number that is not answered yet was sent. */
  readonly sentAt: Map<number, number>;
  readonly over: AbortController;
  ending?: boolean;
  wake?: () => void;
  done?: Promise<void>;
}

async function* requests(stream: OpenStream): AsyncGenerator<Request> {
  for (;;) {
    const next = stream.waiting.shift();
    if (next) {
      yield next;
      continue;
    }
    if (stream.ending || stream.over.signal.aborted) return;
    await new Promise<void>((resolve) => {
      stream.wake = resolve;
    });
  }
}
