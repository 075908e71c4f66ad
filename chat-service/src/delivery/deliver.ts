import type { Bus } from '@im/common/bus/bus.ts';
import type { CommittedRecord } from '@im/common/gen/im/bus/v1/record_pb.ts';
import type { OfflineCache } from '@im/common/offline/offline-cache.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { withoutContent } from '@im/common/utils/without-content.ts';
import type { ChangedReader } from '../read/changed.ts';
import type { Delivery, Gateways } from './gateways.ts';
import { createOwnChanges } from './own-changes.ts';
import { createReadMarkJoiner } from './read-mark-joiner.ts';

const CONSUMER_GROUP = 'delivery';

export interface RunningDelivery {
  /** Pushes records that the bus does not take; it may bring them later, again. Nothing is cached for devices that are not there. */
  pushDirectly(records: readonly CommittedRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Follows the bus: pushes to the devices that are there, caches for those that are not. */
export async function startDelivery(options: {
  bus: Bus;
  gateways: Gateways;
  offlineCache: OfflineCache;
  changed: ChangedReader;
  log: Logger;
}): Promise<RunningDelivery> {
  const { gateways, offlineCache, log } = options;
  const ownChanges = createOwnChanges(options);
  const marks = createReadMarkJoiner((told) =>
    gateways.deliver(
      told.map(({ recipients, ...mark }) => ({
        uids: recipients,
        frame: { case: 'readMark', value: mark },
      })),
    ),
  );

  async function push(records: readonly CommittedRecord[]): Promise<void> {
    await gateways.deliver(records.flatMap(deliveriesOf));
    for (const record of records) tellBeside(record);
  }

  async function take(records: readonly CommittedRecord[]): Promise<void> {
    await push(records);
    try {
      await offlineCache.append(records);
    } catch (error) {
      log.warn({ err: error, records: records.length }, 'not cached; they are read from the store');
    }
  }

  /** What needs no reading and must not wait. */
  function deliveriesOf(record: CommittedRecord): Delivery[] {
    const { conversationId, recipientUids, blindUids, largeGroup, epoch, kind } = record;
    if (kind.case === 'hidden') {
      const { uid, seq } = kind.value;
      const value = { hidden: [{ conversationId, seqs: [seq] }] };
      return [{ uids: [uid], frame: { case: 'changed', value } }];
    }
    if (kind.case !== 'event') return [];
    if (largeGroup) {
      const { audienceNo, targetSeq } = largeGroup;
      const value = { epoch, audienceNo, targetSeq, event: kind.value };
      return [{ toAll: { case: 'groupEvent', value } }];
    }
    if (blindUids.length === 0) return [{ uids: recipientUids, frame: { case: 'event', value: kind.value } }];
    const blind = new Set(blindUids);
    return [
      {
        uids: recipientUids.filter((uid) => !blind.has(uid)),
        frame: { case: 'event', value: kind.value },
      },
      { uids: blindUids, frame: { case: 'event', value: withoutContent(kind.value) } },
    ];
  }

  function tellBeside({ conversationId, recipientUids, kind }: CommittedRecord): void {
    switch (kind.case) {
      case 'readMark': {
        const { uid, seq } = kind.value;
        marks.add({ conversationId, uid, seq, recipients: recipientUids });
        ownChanges.add({ uid, conversationId });
        break;
      }
      case 'ownState':
        ownChanges.add({ uid: kind.value.uid, conversationId });
        break;
      case 'profile':
        ownChanges.add({ uid: kind.value.uid });
        break;
    }
  }

  const subscription = await options.bus.subscribe(CONSUMER_GROUP, { take, lost: gateways.loseAll });
  return {
    pushDirectly: push,
    async close() {
      await subscription.close();
      await marks.close();
      await ownChanges.close();
      await gateways.close();
    },
  };
}
