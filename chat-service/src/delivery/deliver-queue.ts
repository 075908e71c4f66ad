import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DeliverRequestSchema } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';

type DeliverInit = MessageInitShape<typeof DeliverRequestSchema>;

/** What is to go out on one stream, in order. */
export interface DeliverQueue {
  add(request: DeliverInit): void;
  /** Nothing more is added: `requests` ends behind what is there. */
  end(): void;
  /** Nothing more goes out. */
  drop(): void;
  /** For the stream; to be read once. */
  requests(): AsyncGenerator<DeliverInit>;
}

export function createDeliverQueue(): DeliverQueue {
  let waiting: DeliverInit[] = [];
  let ended = false;
  let wake: (() => void) | undefined;

  function close(): void {
    ended = true;
    wake?.();
  }

  return {
    add(request) {
      waiting.push(request);
      wake?.();
    },
    end: close,
    drop() {
      waiting = [];
      close();
    },
    async *requests() {
      for (;;) {
        const next = waiting.shift();
        if (next) yield next;
        else if (ended) return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
