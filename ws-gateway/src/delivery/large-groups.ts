import type { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { GroupEvent } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { type Sight, seesEvent, seesTarget } from '../domain/sight.ts';
import { createReadings } from './readings.ts';

/** Events of one group that wait for it to be read; more end in a resync. */
const MOST_WAITING = 1_000;
/** Groups kept though nobody here is in them, so that their events need no reading; more are forgotten. */
const MOST_GROUPS = 100_000;

/**
 * Which of this gateway's users may see what of large groups.
 *
 * What is known of a group is known as of a change of its audience, and an event says as of which change it
 * must be: where that is later, the group is read before the event is shown to anybody. So it does not
 * matter what was missed, and forgetting a group costs a reading, never a push.
 */
export interface LargeGroups {
  /** Reads the groups of a user who has a socket here now. Rejects where chat-service cannot tell them. */
  enter(uid: string): Promise<void>;
  /** The user's last socket here has gone. */
  leave(uid: string): void;
  /** Shows an event to those who may see it, in the order in which the events of its group come. */
  push(event: GroupEvent): void;
  /** Begins anew with all groups. */
  clear(): void;
}

export interface LargeGroupsOptions {
  chat: Pick<RpcClient<typeof ChatService>, 'listLargeGroups' | 'listAudience'>;
  /** Whether a user has a socket here. */
  isHere: (uid: string) => boolean;
  /** Called for each event; what it gives, for each user who is to see it, with or without content. */
  showing: (event: Event) => (uid: string, withContent: boolean) => void;
  /** Events could not be shown: everybody is to sync. */
  onLoss: () => void;
  /** A group was read. */
  onRead: () => void;
  log: Logger;
}

interface Group {
  /** As of which change everybody here is known. */
  audienceNo: number;
  readonly sights: Map<string, Sight>;
  readonly waiting: GroupEvent[];
}

export function createLargeGroups(options: LargeGroupsOptions): LargeGroups {
  const { chat, isHere, showing, onLoss, onRead, log } = options;
  const groups = new Map<string, Group>();
  /** The groups in which users here are known. */
  const groupsOf = new Map<string, Set<string>>();
  const entering = new Map<string, Promise<void>>();
  const readings = createReadings(readGroup);
  /** Of the store that everything here was read from. */
  let epoch: string | undefined;

  function groupOf(conversationId: string): Group {
    let group = groups.get(conversationId);
    if (group === undefined) {
      if (groups.size >= MOST_GROUPS) forgetEmpty();
      group = { audienceNo: 0, sights: new Map(), waiting: [] };
      groups.set(conversationId, group);
    }
    return group;
  }

  function forgetEmpty(): void {
    for (const [id, { sights, waiting }] of groups) {
      if (sights.size === 0 && waiting.length === 0) groups.delete(id);
    }
  }

  function clear(): void {
    groups.clear();
    groupsOf.clear();
  }

  /** What cannot be shown any more is fetched by the devices themselves. */
  function lose(conversationId: string): void {
    groups.delete(conversationId);
    onLoss();
  }

  /** What was read from another store, before a restore, is true no more. */
  function readFrom(store: string): void {
    if (epoch !== undefined && epoch !== store) {
      clear();
      onLoss();
    }
    epoch = store;
  }

  function know(conversationId: string, group: Group, uid: string, sight: Sight): void {
    group.sights.set(uid, sight);
    const own = groupsOf.get(uid);
    if (own) own.add(conversationId);
    else groupsOf.set(uid, new Set([conversationId]));
  }

  async function readUser(uid: string, stillHere: () => boolean): Promise<void> {
    const answer = await chat.listLargeGroups({ uid });
    if (!stillHere()) return;
    readFrom(answer.epoch);
    for (const { conversationId, audienceNo, sight } of answer.groups) {
      const group = groupOf(conversationId);
      know(conversationId, group, uid, sight!);
      // What others here have seen change since is not known of this user.
      group.audienceNo = Math.min(group.audienceNo, Number(audienceNo));
    }
  }

  /** Brings a group up to date and shows what waited for that. */
  async function readGroup(conversationId: string): Promise<void> {
    const group = groups.get(conversationId);
    if (group === undefined || group.waiting.length === 0) return;
    const sinceNo = group.audienceNo;
    try {
      const { store, audienceNo, sights } = await readAudience(conversationId, sinceNo);
      onRead();
      readFrom(store);
      // Forgotten meanwhile, with a resync to everybody.
      if (groups.get(conversationId) !== group) return;
      for (const { uid, ...sight } of sights) if (isHere(uid)) know(conversationId, group, uid, sight);
      // Unless somebody came of whom less is known than was asked for.
      if (group.audienceNo === sinceNo) group.audienceNo = Math.max(audienceNo, sinceNo);
      showWaiting(conversationId, group, audienceNo);
    } catch (error) {
      log.warn(
        { err: error, conversationId },
        'a large group could not be read; its members are told to sync',
      );
      if (groups.get(conversationId) === group) lose(conversationId);
    }
  }

  async function readAudience(conversationId: string, sinceNo: number) {
    const sights: ({ uid: string } & Sight)[] = [];
    let first: { store: string; audienceNo: number } | undefined;
    for (let afterUid = ''; ; ) {
      const page = await chat.listAudience({ conversationId, sinceNo: BigInt(sinceNo), afterUid });
      // As of the earliest page, since later ones say nothing of users before them.
      first ??= { store: page.epoch, audienceNo: Number(page.audienceNo) };
      if (page.epoch !== first.store) throw new Error('the store was restored while it was read');
      sights.push(...page.sights);
      if (page.nextUid === '') return { ...first, sights };
      afterUid = page.nextUid;
    }
  }

  function showWaiting(conversationId: string, group: Group, readAs: number): void {
    for (let next = group.waiting[0]; next !== undefined; next = group.waiting[0]) {
      // Of a store before a restore: of a log that is gone.
      const isOver = next.epoch !== epoch;
      if (!isOver && Number(next.audienceNo) > group.audienceNo) {
        // A change that the store itself does not know of: there is nothing to wait for.
        if (Number(next.audienceNo) > readAs) lose(conversationId);
        else readings.want(conversationId);
        return;
      }
      group.waiting.shift();
      if (!isOver) showTo(group, next);
    }
  }

  function showTo({ sights }: Group, { event, targetSeq }: GroupEvent): void {
    const { seq } = event!;
    const show = showing(event!);
    for (const [uid, sight] of sights) if (seesEvent(sight, seq)) show(uid, seesTarget(sight, targetSeq));
  }

  return {
    enter(uid) {
      const known = entering.get(uid);
      if (known) return known;
      const reading: Promise<void> = readUser(uid, () => entering.get(uid) === reading);
      entering.set(uid, reading);
      reading.catch(() => {
        if (entering.get(uid) === reading) entering.delete(uid);
      });
      return reading;
    },
    leave(uid) {
      entering.delete(uid);
      for (const id of groupsOf.get(uid) ?? []) groups.get(id)?.sights.delete(uid);
      groupsOf.delete(uid);
    },
    push(event) {
      const { conversationId } = event.event!;
      const group = groupOf(conversationId);
      // Those that wait are as of a later change than is known, so what overtakes them was there before.
      const isKnown = event.epoch === epoch && Number(event.audienceNo) <= group.audienceNo;
      if (isKnown) return showTo(group, event);
      if (group.waiting.length >= MOST_WAITING) return lose(conversationId);
      group.waiting.push(event);
      readings.want(conversationId);
    },
    clear,
  };
}
