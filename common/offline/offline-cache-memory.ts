import { LRUCache } from 'lru-cache';
import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';
import type { Event } from '../gen/im/chat/v1/event_pb.ts';
import { blankRecalled } from './blank-recalled.ts';
import type { OfflineCache } from './offline-cache.ts';

/** Events held of a conversation, at least; older ones are read from the store. */
const LEAST_EVENTS = 200;
/** So many are dropped at a time: to copy the list for each new event would cost more than all the rest. */
const DROPPED_AT_ONCE = 50;
/** Events held of all conversations: some 50 MB. The least recently used conversation goes first. */
const MAX_EVENTS_IN_ALL = 50_000;

interface CachedEvent {
  readonly changeNo: number;
  readonly event: Event;
}

/** Events without a hole, the newest last. */
interface CachedList {
  readonly epoch: string;
  readonly entries: CachedEvent[];
}

/** The offline cache of one process. Limit: gone with the process. */
export function createMemoryOfflineCache(): OfflineCache {
  const lists = new LRUCache<string, CachedList>({
    maxSize: MAX_EVENTS_IN_ALL,
    sizeCalculation: (list) => list.entries.length,
  });

  function appendOne(record: CommittedRecord): void {
    if (record.kind.case !== 'event') return;
    const { conversationId, epoch } = record;
    const event = record.kind.value;
    const held = lists.get(conversationId);
    const known = held?.epoch === epoch ? held.entries : [];
    const last = known.at(-1)?.event.seq;
    if (last !== undefined && event.seq <= last) return;
    const entries = last === event.seq - 1 ? known : [];
    if (entries.length >= LEAST_EVENTS + DROPPED_AT_ONCE) entries.splice(0, DROPPED_AT_ONCE);
    entries.push({ changeNo: Number(record.changeNo), event });
    lists.set(conversationId, { epoch, entries: withoutRecalled(entries, event) });
  }

  return {
    async append(records) {
      for (const record of records) appendOne(record);
    },
    async read(conversationId, { epoch, sinceChangeNo, headSeq }) {
      const list = lists.get(conversationId);
      const first = list?.entries[0];
      if (list?.epoch !== epoch || !first || list.entries.at(-1)?.event.seq !== headSeq) return undefined;
      const reachesBack = first.event.seq === 1 || first.changeNo <= sinceChangeNo;
      if (!reachesBack) return undefined;
      return list.entries.filter((each) => each.changeNo > sinceChangeNo).map((each) => each.event);
    },
  };
}

function withoutRecalled(entries: CachedEvent[], { kind, at }: Event): CachedEvent[] {
  if (kind.case !== 'recalled') return entries;
  const { targetSeq } = kind.value;
  return entries.map((each) => ({ ...each, event: blankRecalled(each.event, targetSeq, at) }));
}
