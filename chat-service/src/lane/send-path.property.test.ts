import { ImError } from '@im/common/errors/im-error.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { checkWithin } from '@im/common/testing/check-within.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textContent } from '../testing/chat-user.ts';
import { checkLog } from '../testing/send-path-checks.ts';
import {
  type Outcome,
  type Person,
  type Place,
  type Step,
  step,
  type Write,
} from '../testing/send-path-steps.ts';
import {
  openSendStream,
  type SendStreamClient,
  type StreamItem,
  textItem,
} from '../testing/send-stream-client.ts';
import { openSharedDatabase, type SharedDatabase } from '../testing/shared-database.ts';

/**
 * Two instances on one store, random senders, conversations, ways, edits,
 * recalls and membership changes, many of them at once. Afterwards the log must
 * be what was promised, whatever happened in which order.
 */

const RUNS = 30;
/** Fewer runs on a slow machine, and a counterexample rather than a timeout. */
const TIME_LIMIT_MS = 15_000;

let shared: SharedDatabase;
let instances: readonly [Chat, Chat];
let streams: readonly [SendStreamClient, SendStreamClient];
let lastUid = 100;

beforeAll(async () => {
  shared = await openSharedDatabase();
  const { database } = shared;
  instances = [await startChat({ database }), await startChat({ database })];
  streams = [
    openSendStream(instances[0].client('ws-gateway')),
    openSendStream(instances[1].client('ws-gateway')),
  ];
});
afterAll(async () => {
  for (const stream of streams) stream.abort();
  for (const chat of instances) await chat.stop();
  await shared.remove();
});

test('the log is gapless, every message is in it once, and repeats are answered alike', async () => {
  await checkWithin(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const world = await createWorld();
      const outcomes = await runSteps(world, steps);
      for (const place of ['direct01', 'direct02', 'group'] as const) {
        await checkPlace(
          world,
          place,
          outcomes.filter((outcome) => outcome.write.place === place),
        );
      }
    }),
    { runs: RUNS, timeMs: TIME_LIMIT_MS },
  );
  await checkChangeNumbers();
});

interface World {
  readonly uids: readonly [string, string, string];
  readonly ids: Readonly<Record<Place, string>>;
}

async function createWorld(): Promise<World> {
  const uids = [`${++lastUid}`, `${++lastUid}`, `${++lastUid}`] as const;
  const [chat] = instances;
  await chat.openAccount(...uids);
  await chat.befriend(uids[0], uids[1]);
  await chat.befriend(uids[0], uids[2]);
  const group = await chat.makeGroup(uids[0], [uids[0], uids[1], uids[2]]);
  return {
    uids,
    ids: {
      direct01: directConversationId(uids[0], uids[1]),
      direct02: directConversationId(uids[0], uids[2]),
      group,
    },
  };
}

async function runSteps(world: World, steps: readonly Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let member = true;
  for (const [number, { writes, membership }] of steps.entries()) {
    const known = member;
    const targets = await messageSeqs(world);
    // One group for each submitter, instance and conversation, as a gateway makes them.
    const groups = new Map<string, number>();
    const items: [StreamItem[], StreamItem[]] = [[], []];
    const streamed: [number[], number[]] = [[], []];
    const calls: Promise<Message>[] = [];
    writes.forEach((each, index) => {
      const target = each.kind === 'send' ? undefined : targets[each.place][each.target];
      if (each.stream) {
        const group = `${each.by} ${each.place} ${each.instance}`;
        if (!groups.has(group)) groups.set(group, groups.size + 1);
        items[each.instance].push(itemOf(world, each, target, groups.get(group)!));
        streamed[each.instance].push(index);
      } else {
        calls[index] = call(world, each, target);
      }
    });
    for (const instance of [0, 1] as const) {
      streams[instance].send(items[instance]).forEach((promise, i) => {
        calls[streamed[instance][i]!] = promise;
      });
    }
    const changed = membership && changeMembership(world, membership);
    if (membership) member = membership === 'join';
    const settled = await Promise.allSettled(calls);
    await changed;
    settled.forEach((result, index) => {
      const each = writes[index]!;
      if (result.status === 'rejected' && !(result.reason instanceof ImError)) throw result.reason;
      outcomes.push({
        write: each,
        step: number,
        target: each.kind === 'send' ? undefined : targets[each.place][each.target],
        answer: result.status === 'fulfilled' ? result.value : undefined,
        reason: result.status === 'rejected' ? result.reason.reason : undefined,
        member: membership ? undefined : known,
      });
    });
  }
  return outcomes;
}

function changeMembership({ uids, ids }: World, membership: 'join' | 'leave'): Promise<void> {
  const [chat] = instances;
  return membership === 'join'
    ? chat.addMembers(ids.group, [uids[2]])
    : chat.removeMembers(ids.group, [uids[2]], { left: true });
}

/** What a target that is not there looks like. */
const NO_SEQ = 1_000_000;

function call({ uids, ids }: World, each: Write, target = NO_SEQ): Promise<Message> {
  const user = instances[each.instance].user(uids[each.by]);
  const { clientMsgId } = each;
  switch (each.kind) {
    case 'send':
      return user.send(ids[each.place], each.text, { clientMsgId });
    case 'edit':
      return user.edit(ids[each.place], target, each.text, clientMsgId);
    case 'recall':
      return user.recall(ids[each.place], target, clientMsgId);
  }
}

function itemOf({ uids, ids }: World, each: Write, seq = NO_SEQ, groupId: number): StreamItem {
  const uid = uids[each.by];
  const conversationId = ids[each.place];
  const { clientMsgId } = each;
  if (each.kind === 'send') return textItem(uid, conversationId, each.text, { clientMsgId, groupId });
  const request =
    each.kind === 'edit'
      ? ({
          case: 'editMessage',
          value: { conversationId, seq, clientMsgId, content: textContent(each.text) },
        } as const)
      : ({ case: 'recallMessage', value: { conversationId, seq, clientMsgId } } as const);
  return { uid, groupId, request };
}

async function messageSeqs(world: World): Promise<Record<Place, number[]>> {
  const seqsOf = async (place: Place) => (await readLog(world, place)).messages.map(({ seq }) => seq);
  return {
    direct01: await seqsOf('direct01'),
    direct02: await seqsOf('direct02'),
    group: await seqsOf('group'),
  };
}

/** Person 0 sees everything. */
function readLog({ uids, ids }: World, place: Place) {
  return instances[1].user(uids[0]).messages(ids[place], { fromSeq: 1, limit: 200 });
}

async function checkPlace(world: World, place: Place, outcomes: readonly Outcome[]): Promise<void> {
  const log = await readLog(world, place);
  checkLog(log, place, outcomes, world.uids);
  await checkHeads(world, place, log.messages, log.messages.length + log.events.length);
}

async function checkHeads(
  { uids, ids }: World,
  place: Place,
  messages: readonly Message[],
  headSeq: number,
): Promise<void> {
  const others: Record<Place, Person> = { direct01: 1, direct02: 2, group: 1 };
  for (const person of [0, others[place]]) {
    for (const chat of instances) {
      const shown = await chat.user(uids[person]!).conversation(ids[place]);
      const own = messages.filter(({ senderUid }) => senderUid === uids[person]);
      const readSeq = own.at(-1)?.seq ?? 0;
      expect(shown.headSeq).toBe(headSeq);
      expect(shown.readSeq).toBe(readSeq);
      expect(shown.unread).toBe(messages.filter(({ seq }) => seq > readSeq).length);
    }
  }
}

/** Every change of a partition has a number of its own, none above the partition's. */
async function checkChangeNumbers(): Promise<void> {
  // Of one moment: a call whose deadline passed may still be written.
  const { partitions, events } = await shared.database.snapshot(async (trx) => ({
    partitions: await trx.selectFrom('log_partition').selectAll().execute(),
    events: await trx.selectFrom('event').select(['partition_id', 'change_no']).execute(),
  }));
  for (const { partition_id, change_no } of partitions) {
    const numbers = events.filter((row) => row.partition_id === partition_id).map((row) => row.change_no);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(change_no);
  }
}
