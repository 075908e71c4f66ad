import { randomUUID } from 'node:crypto';
import type { RecordedDevice } from '@im/common/testing/checker/recorded-device.ts';
import type { Recorder } from '@im/common/testing/checker/recorder.ts';
import { ApiError, ConnectionLost } from '@im/common/testing/client/api-error.ts';
import { eventOf } from '@im/common/testing/client/conversation-copy.ts';
import type { WireMessage, WireRange } from '@im/common/testing/client/wire.ts';
import { type CrashGroup, leaveOrJoin, removeOrInvite } from './groups.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';

/** What someone needs to do something at random. */
export interface Scene {
  person: Person;
  /** Everybody. */
  people: readonly Person[];
  groups: readonly CrashGroup[];
  /** Their devices that are online, connections and kills aside. */
  online: readonly RecordedDevice[];
  random: Random;
  recorder: Recorder;
}

export type Action = (scene: Scene) => Promise<unknown>;

/** How often each is done, out of the sum. */
const WEIGHTS: readonly (readonly [weight: number, action: Action])[] = [
  [60, sendFromDevice],
  [14, sendOverHttp],
  [4, sendThreeTimesAtOnce],
  [3, sendAgain],
  [9, edit],
  [4, recall],
  [9, markRead],
  [2, reuseName],
  [2, changeWhatOthersSent],
  [2, intrude],
  [6, manageMembers],
  [2, comeOrGo],
  [1, loseConnection],
];

const ACTIONS = WEIGHTS.flatMap(([weight, action]) => new Array<Action>(weight).fill(action));

export function randomAction(random: Random): Action {
  return random.pick(ACTIONS);
}

const text = (value: string) => ({ text: { text: value } });
const contentOf = (clientMsgId: string) => text(`sent ${clientMsgId}`);

function remember(person: Person, { conversationId, seq, clientMsgId }: WireMessage): void {
  person.sent.push({ conversationId, seq, clientMsgId });
}

export async function sendFromDevice({ person, online, random }: Scene, device = random.pick(online)) {
  const clientMsgId = randomUUID();
  const message = await device.send(random.pick(person.conversations), contentOf(clientMsgId), clientMsgId);
  remember(person, message);
}

async function sendOverHttp({ person, random }: Scene) {
  const clientMsgId = randomUUID();
  const body = {
    conversationId: random.pick(person.conversations),
    clientMsgId,
    content: contentOf(clientMsgId),
  };
  const message = await person.http.ask({ kind: 'sendMessage', body });
  if (message) remember(person, message);
}

/** Impatient, or not knowing of each other: all of someone's ways at once, under one name. */
async function sendThreeTimesAtOnce({ person, random, online }: Scene) {
  const clientMsgId = randomUUID();
  const conversationId = random.pick(person.conversations);
  const content = text(`thrice ${clientMsgId}`);
  await Promise.all([
    ...online.map((device) => device.send(conversationId, content, clientMsgId)),
    person.http.ask({ kind: 'sendMessage', body: { conversationId, clientMsgId, content } }),
  ]);
}

/** Sends what was answered long ago, as a client does that lost its notes. */
async function sendAgain({ person, random, online }: Scene) {
  if (person.sent.length === 0) return;
  const { conversationId, clientMsgId } = random.pick(person.sent);
  await random.pick(online).send(conversationId, contentOf(clientMsgId), clientMsgId);
}

async function edit({ person, random, online }: Scene) {
  if (person.sent.length === 0) return;
  const { conversationId, seq } = random.pick(person.sent);
  const clientMsgId = randomUUID();
  const words = `edited ${clientMsgId}`;
  if (random.chance(0.7)) await random.pick(online).edit(conversationId, seq, words, clientMsgId);
  else
    await person.http.ask({
      kind: 'editMessage',
      body: { conversationId, seq, clientMsgId, content: text(words) },
    });
}

async function recall({ person, random, online }: Scene) {
  if (person.sent.length === 0) return;
  const { conversationId, seq } = random.pick(person.sent);
  const clientMsgId = randomUUID();
  if (random.chance(0.7)) await random.pick(online).recall(conversationId, seq, clientMsgId);
  else await person.http.ask({ kind: 'recallMessage', body: { conversationId, seq, clientMsgId } });
}

async function markRead({ person, random, online }: Scene) {
  const conversationId = random.pick(person.conversations);
  const device = random.pick(online);
  const { knownTo } = device.device.store.conversation(conversationId);
  if (knownTo === 0) return;
  const seq = Math.max(1, knownTo - random.below(5));
  if (random.chance(0.7)) await device.markRead(conversationId, seq);
  else await person.http.ask({ kind: 'markRead', body: { conversationId, seq } });
}

/** A name that stands for another message already. */
async function reuseName({ person, random, online }: Scene) {
  if (person.sent.length === 0) return;
  const { conversationId, clientMsgId } = random.pick(person.sent);
  await random.pick(online).send(conversationId, text(`not what ${clientMsgId} was`), clientMsgId);
}

async function changeWhatOthersSent({ person, people, random, online }: Scene) {
  const others = people.filter((other) => other !== person).flatMap((other) => other.sent);
  if (others.length === 0) return;
  const { conversationId, seq } = random.pick(others);
  const device = random.pick(online);
  if (random.chance(0.5)) await device.edit(conversationId, seq, 'was never said');
  else await device.recall(conversationId, seq);
}

/** Someone looks into a conversation of others, or writes to it. */
async function intrude({ person, people, random, online, recorder }: Scene) {
  const foreign = people
    .flatMap((other) => other.conversations)
    .filter((conversationId) => !person.conversations.includes(conversationId));
  const conversationId = random.pick(foreign);
  if (random.chance(0.5)) {
    await random.pick(online).send(conversationId, text('who is there?'));
    return;
  }
  const path = `/v1/conversations/${conversationId}/messages`;
  const { messages, events } = await (await person.client()).call<WireRange>('GET', path);
  for (const event of [...messages.map(eventOf), ...events]) {
    recorder.record({ entry: 'saw', device: person.http.name, uid: person.uid, by: 'history', event });
  }
}

/** The owner of a group takes back who is out, more often than they remove somebody. */
async function manageMembers({ person, groups, random }: Scene) {
  const own = groups.filter(({ owner }) => owner === person);
  if (own.length === 0) return;
  const group = random.pick(own);
  const out = group.members.filter((member) => member.outOf.has(group.conversationId));
  await removeOrInvite(group, random.pick(out.length > 0 && random.chance(0.7) ? out : group.members));
}

async function comeOrGo({ person, groups, random }: Scene) {
  const own = groups.filter(({ members }) => members.includes(person));
  if (own.length > 0) await leaveOrJoin(random.pick(own), person);
}

async function loseConnection({ random, online }: Scene) {
  random.pick(online).device.cut();
}

/** Does it; that a connection was lost or that the server refused is part of it, and in the history. */
export async function attempt(action: Action, scene: Scene): Promise<void> {
  try {
    await action(scene);
  } catch (error) {
    if (!(error instanceof ConnectionLost || error instanceof ApiError)) throw error;
  }
}
