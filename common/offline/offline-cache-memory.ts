import { LRUCache } from 'lru-cache';
import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';
import type { Event } from '../gen/im/chat/v1/event_pb.ts';
import { blankRecalled } from './blank-recalled.ts';
import type { OfflineCache } from './offline-cache.ts';

/** Conversations held at most; the least recently used goes first. */
const MAX_CONVERSATIONS = 10_000;
/** Events held of a conversation; older ones are read from the store. */
const MAX_EVENTS = 200;

interface CachedEvent {
  readonly changeNo: number;
  readonly event: Event;
}

/** The offline cache of one process. Limit: gone with the process. */
export function createMemoryOfflineCache(): OfflineCache {
  const lists = new LRUCache<string, CachedEvent[]>({ max: MAX_CONVERSATIONS });

  function appendOne(record: CommittedRecord): void {
    if (record.kind.case !== 'event') return;
    const entry = { changeNo: Number(record.changeNo), event: record.kind.value };
    const list = lists.get(record.conversationId) ?? [];
    const last = list.at(-1)?.event.seq;
    if (last !== undefined && entry.event.seq <= last) return;
    if (last !== undefined && entry.event.seq > last + 1) list.length = 0;
    list.push(entry);
    if (list.length > MAX_EVENTS) list.splice(0, list.length - MAX_EVENTS);
    if (entry.event.kind.case === 'recalled') {
      blankRecalled(
        list.map((each) => each.event),
        entry.event.kind.value.targetSeq,
      );
    }
    lists.set(record.conversationId, list);
  }

  return {
    async append(records) {
      for (const record of records) appendOne(record);
    },
    async read(conversationId, sinceChangeNo, headSeq) {
      const list = lists.get(conversationId);
      const first = list?.[0];
      if (!list || !first || list.at(-1)?.event.seq !== headSeq) return undefined;
      const reachesBack = first.event.seq === 1 || first.changeNo <= sinceChangeNo;
      if (!reachesBack) return undefined;
      return list.filter((each) => each.changeNo > sinceChangeNo).map((each) => each.event);
    },
  };
}
