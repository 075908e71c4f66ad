import { clone } from '@bufbuild/protobuf';
import { type CommittedRecord, CommittedRecordSchema } from '../gen/im/bus/v1/record_pb.ts';
import type { Bus, BusSubscription } from './bus.ts';

/** A consumer that is this many records behind makes publishers wait. */
const MAX_WAITING_RECORDS = 20_000;

/**
 * The bus of one process: hands records over directly.
 *
 * Limit: what a consumer had not taken is gone with the process. That is
 * enough here, because the sockets it was for are gone with it too.
 */
export function createLocalBus(): Bus {
  const groups = new Map<string, Consumer[]>();
  return {
    async publish(records) {
      for (const consumers of groups.values()) {
        // One member of a group takes a conversation's records: the first does.
        await consumers[0]?.take(records);
      }
    },
    async subscribe(group, handler): Promise<BusSubscription> {
      const consumer = createConsumer(handler);
      const consumers = groups.get(group) ?? [];
      groups.set(group, [...consumers, consumer]);
      return {
        close: () => {
          groups.set(
            group,
            (groups.get(group) ?? []).filter((other) => other !== consumer),
          );
          return consumer.close();
        },
      };
    },
  };
}

interface Consumer {
  take(records: readonly CommittedRecord[]): Promise<void>;
  close(): Promise<void>;
}

function createConsumer(handler: (records: readonly CommittedRecord[]) => Promise<void>): Consumer {
  let waiting: CommittedRecord[] = [];
  let running: Promise<void> | undefined;
  let roomMade: (() => void) | undefined;

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      roomMade?.();
      await handler(batch);
    }
    running = undefined;
  }

  return {
    async take(records) {
      while (waiting.length > MAX_WAITING_RECORDS) {
        await new Promise<void>((resolve) => {
          roomMade = resolve;
        });
      }
      // Cloned, so that consumers see what a network would show them.
      for (const record of records) waiting.push(clone(CommittedRecordSchema, record));
      running ??= Promise.resolve().then(run);
    },
    async close() {
      await running;
    },
  };
}
