import type { ChainableCommander } from 'ioredis';
import type { RedisConnection } from '../cache/redis.ts';
import { execPipeline } from '../cache/redis-pipeline.ts';
import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';
import type { Event } from '../gen/im/chat/v1/event_pb.ts';
import { blankRecalled } from './blank-recalled.ts';
import type { OfflineCache } from './offline-cache.ts';
import { defineOfflineScripts, type OfflineScripts } from './offline-scripts.ts';
import { joinContent, splitContent } from './split-content.ts';

/** Events held of a conversation; older ones are read from the store. */
const MAX_EVENTS = 200;
/** How long a conversation is held after its last event, in milliseconds: who is away longer reads the store. */
const KEPT_MS = 7 * 24 * 60 * 60_000;

/**
 * The offline cache of a cluster. Each conversation's records of a batch are taken by one script, so that
 * whoever else writes meanwhile, and in whatever order, a list has no hole and nothing twice. What a
 * recall takes back is gone from the server with the record of it.
 *
 * Its limit: a batch is whole for each conversation, not over all of them; one that fails may have been
 * taken by some. That does no harm: they go on from there or start anew.
 */
export function createRedisOfflineCache({ redis }: { redis: RedisConnection }): OfflineCache {
  const { client } = redis;
  const scripts = defineOfflineScripts(client);
  return {
    async append(records) {
      const lists = byConversationAndEpoch(records);
      if (lists.length === 0) return;
      const pipeline = client.pipeline();
      for (const list of lists) addAppend(pipeline, scripts, list);
      await execPipeline(pipeline);
    },
    async read(conversationId, { epoch, sinceChangeNo, headSeq }) {
      const args = [epoch, headSeq, sinceChangeNo];
      const found = (await scripts.read.runForBytes([offlineKey(conversationId)], args)) as Buffer[] | null;
      return found === null ? undefined : eventsOf(found);
    },
  };
}

/** Where the events of a conversation are. */
export function offlineKey(conversationId: string): string {
  return `off:${conversationId}`;
}

interface List {
  readonly conversationId: string;
  readonly epoch: string;
  readonly events: { changeNo: bigint; event: Event }[];
}

/** In their order; one that changes the epoch in the middle is several. */
function byConversationAndEpoch(records: readonly CommittedRecord[]): List[] {
  const lists: List[] = [];
  const current = new Map<string, List>();
  for (const { conversationId, epoch, changeNo, kind } of records) {
    if (kind.case !== 'event') continue;
    let list = current.get(conversationId);
    if (list?.epoch !== epoch) {
      list = { conversationId, epoch, events: [] };
      current.set(conversationId, list);
      lists.push(list);
    }
    list.events.push({ changeNo, event: kind.value });
  }
  return lists;
}

function addAppend(pipeline: ChainableCommander, scripts: OfflineScripts, list: List): void {
  const args: (string | number | Uint8Array)[] = [list.epoch, MAX_EVENTS, KEPT_MS];
  for (const { changeNo, event } of list.events.slice(-MAX_EVENTS)) {
    const { kind, seq } = event;
    const split = splitContent(event);
    const edits = kind.case === 'edited' ? kind.value.targetSeq : '';
    const recalls = kind.case === 'recalled' ? kind.value.targetSeq : '';
    args.push(seq, changeNo.toString(), split.event, split.content, edits, recalls);
  }
  scripts.append.add(pipeline, [offlineKey(list.conversationId)], args);
}

/** The events of a reply that has the newest first. What a recall took out says when that was. */
function eventsOf(reply: readonly Buffer[]): Event[] {
  let events: Event[] = [];
  for (let i = reply.length - 2; i >= 0; i -= 2) {
    const event = joinContent({ event: reply[i]!, content: reply[i + 1]! });
    if (event.kind.case === 'recalled') {
      const { targetSeq } = event.kind.value;
      events = events.map((each) => blankRecalled(each, targetSeq, event.at));
    }
    events.push(event);
  }
  return events;
}
