import { ImError } from '@im/common/errors/im-error.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textContent, textOf } from '../testing/chat-user.ts';
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

const RUNS = 60;
/** Fewer runs on a slow machine, and a counterexample rather than a timeout. */
const TIME_LIMIT_MS = 20_000;

/** Person 0 is a friend of 1 and of 2 and owns the group, 1 is in it for good, 2 comes and goes. */
type Person = 0 | 1 | 2;
type Place = 'direct01' | 'direct02' | 'group';

type Write = {
  readonly by: Person;
  readonly place: Place;
  readonly clientMsgId: string;
  readonly instance: 0 | 1;
  readonly stream: boolean;
} & (
  | { readonly kind: 'send'; readonly text: string }
  /** Of the message with this number among the place's, if there is one. */
  | { readonly kind: 'edit'; readonly target: number; readonly text: string }
  | { readonly kind: 'recall'; readonly target: number }
);

/** Writes that are made at once, and whether person 2 joins or leaves the group beside them. */
interface Step {
  readonly writes: readonly Write[];
  readonly membership: 'join' | 'leave' | undefined;
}

/** A write with what became of it. `seq` is the target's for edits and recalls. */
interface Outcome {
  readonly write: Write;
  readonly step: number;
  readonly target: number | undefined;
  readonly answer: Message | undefined;
  readonly reason: string | undefined;
  /** Whether person 2 was in the group; undefined where that changed meanwhile. */
  readonly member: boolean | undefined;
}

const common = {
  by: fc.constantFrom<Person[]>(0, 1, 2),
  place: fc.constantFrom<Place[]>('direct01', 'direct02', 'group'),
  clientMsgId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  instance: fc.constantFrom<(0 | 1)[]>(0, 1),
  stream: fc.boolean(),
};
const text = fc.constantFrom('x', 'y');
const write: fc.Arbitrary<Write> = fc
  .oneof(
    { weight: 6, arbitrary: fc.record({ ...common, kind: fc.constant('send' as const), text }) },
    {
      weight: 2,
      arbitrary: fc.record({ ...common, kind: fc.constant('edit' as const), target: fc.nat(4), text }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ ...common, kind: fc.constant('recall' as const), target: fc.nat(4) }),
    },
  )
  .filter(({ by, place }) => place === 'group' || place.includes(String(by)));
const step: fc.Arbitrary<Step> = fc.record({
  writes: fc.array(write, { minLength: 1, maxLength: 10 }),
  membership: fc.option(fc.constantFrom('join', 'leave'), { nil: undefined, freq: 4 }),
});

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
  await fc.assert(
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
    { numRuns: RUNS, interruptAfterTimeLimit: TIME_LIMIT_MS },
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
  const { messages, events } = await readLog(world, place);
  const seqs = [...messages, ...events].map(({ seq }) => seq).sort((a, b) => a - b);
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  const names = messages.map(({ senderUid, clientMsgId }) => `${senderUid} ${clientMsgId}`);
  expect(new Set(names).size).toBe(names.length);

  const bySeq = new Map(messages.map((message) => [message.seq, message]));
  checkNames(world, outcomes, bySeq);
  checkRefusals(place, outcomes);
  checkOrder(outcomes);
  checkPresentState(messages, events);
  await checkHeads(world, place, messages, seqs.length);
}

/** What a name stands for once it is taken. */
function requestOf({ write: each, target }: Outcome): string {
  return each.kind === 'send'
    ? `send ${each.text}`
    : `${each.kind} ${target} ${each.kind === 'edit' ? each.text : ''}`;
}

function checkNames(world: World, outcomes: readonly Outcome[], bySeq: ReadonlyMap<number, Message>): void {
  const byName = Map.groupBy(outcomes, ({ write: each }) => `${each.by} ${each.clientMsgId}`);
  for (const uses of byName.values()) {
    const accepted = uses.filter(({ answer }) => answer);
    // A recall of what is recalled already changes nothing, so it takes no name.
    const taking = accepted.filter(({ write: each }) => each.kind !== 'recall');
    expect(new Set(taking.map(requestOf)).size).toBeLessThanOrEqual(1);
    expect(new Set(taking.map(({ answer }) => answer!.seq)).size).toBeLessThanOrEqual(1);
    for (const { write: each, answer } of taking) {
      const stored = bySeq.get(answer!.seq);
      expect(stored?.senderUid).toBe(world.uids[each.by]);
      if (each.kind === 'send') expect(stored?.clientMsgId).toBe(each.clientMsgId);
    }
    for (const use of uses) {
      if (use.reason !== 'MESSAGE_ID_REUSED') continue;
      expect(accepted.some((other) => requestOf(other) !== requestOf(use))).toBe(true);
    }
  }
}

/** Whoever may write is refused for one reason only: the name is taken. */
function checkRefusals(place: Place, outcomes: readonly Outcome[]): void {
  for (const { write: each, reason, member } of outcomes) {
    if (each.kind !== 'send') continue;
    const mayWrite = place !== 'group' || each.by !== 2 || member;
    if (mayWrite) expect([undefined, 'MESSAGE_ID_REUSED']).toContain(reason);
    // Answered only where it repeats what was sent as a member.
    else if (member === false) expect([undefined, 'MESSAGE_ID_REUSED', 'NOT_A_MEMBER']).toContain(reason);
  }
  if (place !== 'group') return;
  const outside = outcomes.filter(({ write: each, member }) => each.by === 2 && member === false);
  for (const { write: each, answer, step: number } of outside) {
    if (!answer || each.kind !== 'send') continue;
    const before = outcomes.some(
      (other) =>
        other.step < number &&
        other.write.by === 2 &&
        other.write.clientMsgId === each.clientMsgId &&
        other.answer?.seq === answer.seq,
    );
    expect(before).toBe(true);
  }
}

/** What one submitter sends one after another stands in that order, and later steps stand behind. */
function checkOrder(outcomes: readonly Outcome[]): void {
  const firstUse = new Map<string, Outcome>();
  const uses = new Map<string, number>();
  for (const outcome of outcomes) {
    const name = `${outcome.write.by} ${outcome.write.clientMsgId}`;
    if (!firstUse.has(name)) firstUse.set(name, outcome);
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  // Names used once, so that it is certain which submission stored them.
  const single = [...firstUse].flatMap(([name, outcome]) =>
    uses.get(name) === 1 && outcome.answer && outcome.write.kind === 'send' ? [outcome] : [],
  );
  const submitted = Map.groupBy(
    single.filter((outcome) => outcome.write.stream),
    ({ write: each, step: number }) => `${number} ${each.by} ${each.instance}`,
  );
  for (const own of submitted.values()) {
    const seqs = own.map(({ answer }) => answer!.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  }
  for (const earlier of single) {
    for (const later of single) {
      if (earlier.step < later.step) expect(earlier.answer!.seq).toBeLessThan(later.answer!.seq);
    }
  }
}

function checkPresentState(
  messages: readonly Message[],
  events: Awaited<ReturnType<typeof readLog>>['events'],
): void {
  for (const message of messages) {
    const changes = events.filter(
      ({ kind }) =>
        (kind.case === 'edited' || kind.case === 'recalled') && kind.value.targetSeq === message.seq,
    );
    const recalls = changes.filter(({ kind }) => kind.case === 'recalled');
    expect(recalls.length).toBeLessThanOrEqual(1);
    expect(message.recalledAt !== undefined).toBe(recalls.length === 1);
    if (recalls.length === 1) {
      expect(message.content).toBeUndefined();
      // Nothing is edited once it is recalled.
      expect(changes.at(-1)).toBe(recalls[0]);
      continue;
    }
    const last = changes.at(-1)?.kind;
    if (last?.case !== 'edited') continue;
    expect(last.value.content?.kind.value).toMatchObject({ text: textOf(message) });
  }
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
  const { read } = shared.database;
  for (const { partition_id, change_no } of await read.selectFrom('log_partition').selectAll().execute()) {
    const rows = await read
      .selectFrom('event')
      .select('change_no')
      .where('partition_id', '=', partition_id)
      .execute();
    const numbers = rows.map((row) => row.change_no);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(change_no);
  }
}
