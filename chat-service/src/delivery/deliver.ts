import type { Bus } from '@im/common/bus/bus.ts';
import type { CommittedRecord } from '@im/common/gen/im/bus/v1/record_pb.ts';
import type { OfflineCache } from '@im/common/offline/offline-cache.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { withoutContent } from '../domain/without-content.ts';
import type { ChangedReader } from '../read/changed.ts';
import type { Delivery, Gateways } from './gateways.ts';
import { createReadMarkJoiner } from './read-mark-joiner.ts';

const CONSUMER_GROUP = 'delivery';

/** Follows the bus: pushes to the devices that are there, caches for those that are not. */
export async function startDelivery(options: {
  bus: Bus;
  gateways: Gateways;
  offlineCache: OfflineCache;
  changed: ChangedReader;
  log: Logger;
}): Promise<{ close(): Promise<void> }> {
  const { gateways, offlineCache, changed, log } = options;
  const marks = createReadMarkJoiner((told) => {
    const deliveries = told.map(({ recipients, ...mark }) => ({
      uids: recipients,
      frame: { case: 'readMark' as const, value: mark },
    }));
    gateways.deliver(deliveries).catch((error) => log.warn({ err: error }, 'read marks were not delivered'));
  });

  async function take(records: readonly CommittedRecord[]): Promise<void> {
    try {
      const deliveries = (await Promise.all(records.map((record) => deliveriesOf(record)))).flat();
      await gateways.deliver(deliveries);
      await offlineCache.append(records);
    } catch (error) {
      log.error({ err: error, records: records.length }, 'delivery failed; devices learn of it by sync');
    }
  }

  async function deliveriesOf(record: CommittedRecord): Promise<Delivery[]> {
    const { conversationId, recipientUids, blindUids, kind } = record;
    switch (kind.case) {
      case 'event': {
        const blind = new Set(blindUids);
        const seeing = blind.size === 0 ? recipientUids : recipientUids.filter((uid) => !blind.has(uid));
        const deliveries: Delivery[] = [{ uids: seeing, frame: { case: 'event', value: kind.value } }];
        if (blind.size > 0) {
          deliveries.push({ uids: blindUids, frame: { case: 'event', value: withoutContent(kind.value) } });
        }
        return deliveries;
      }
      case 'readMark': {
        const { uid, seq } = kind.value;
        marks.add({ conversationId, uid, seq, recipients: recipientUids });
        return [await changed.conversation(uid, conversationId)].map((value) => ({
          uids: [uid],
          frame: { case: 'changed', value },
        }));
      }
      case 'ownState': {
        const { uid } = kind.value;
        return [
          { uids: [uid], frame: { case: 'changed', value: await changed.conversation(uid, conversationId) } },
        ];
      }
      case 'hidden': {
        const { uid, seq } = kind.value;
        return [{ uids: [uid], frame: { case: 'changed', value: changed.hidden(conversationId, seq) } }];
      }
      case 'profile': {
        const { uid } = kind.value;
        return [{ uids: [uid], frame: { case: 'changed', value: await changed.profile(uid) } }];
      }
      default:
        return [];
    }
  }

  const subscription = await options.bus.subscribe(CONSUMER_GROUP, take);
  return {
    async close() {
      marks.close();
      await subscription.close();
      await gateways.close();
    },
  };
}
