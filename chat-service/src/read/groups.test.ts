import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { type GroupStandIn, groupStandIn } from '../testing/group-stand-in.ts';

/** Somewhat longer than a group is remembered. Milliseconds. */
const STALE_MS = 61_000;

let chat: Chat;
let groups: GroupStandIn;
/** A group of persons 1, the owner, and 2. */
let g: string;
beforeEach(async () => {
  groups = groupStandIn();
  chat = await startChat({ modules: [[groups.module, {}]] });
  await chat.openAccount('1', '2', '3');
  g = await chat.makeGroup('7', ['1', '2']);
});
afterEach(() => chat.stop());

const put = (name: string) => groups.put({ groupId: '7', conversationId: g, name, ownerUid: '1' });
const nameFor = async (uid: string) => (await chat.user(uid).conversation(g)).group?.name;
/** As group-service does: its own truth first, then the log. */
async function rename(name: string): Promise<void> {
  const group = put(name);
  await chat.append('group-service', g, { case: 'updateGroup', value: { group } }, { actorUid: '1' });
}

test('members see the group in the conversation, in lists and in sync', async () => {
  const group = put('tea');
  expect((await chat.user('2').conversation(g)).group).toEqual(group);
  expect((await chat.user('2').conversations()).map((each) => each.group)).toEqual([group]);
  const synced = (await chat.user('2').sync()).conversations.find((each) => each.conversationId === g);
  expect(synced?.group).toEqual(group);
  expect(groups.asked).toBe(1);
});

test('a group is remembered for a while, and anew as soon as it is told of', async () => {
  put('tea');
  expect(await nameFor('1')).toBe('tea');
  put('not told');
  expect(await nameFor('1')).toBe('tea');
  await rename('coffee');
  expect(await nameFor('1')).toBe('coffee');
  expect(groups.asked).toBe(1);
  // Who joins or leaves changes its count.
  put('coffee for three');
  await chat.addMembers(g, ['3']);
  expect(await nameFor('3')).toBe('coffee for three');
  put('later');
  chat.clock.advance(STALE_MS);
  expect(await nameFor('1')).toBe('later');
});

test('what was asked for before a change is not remembered after it', async () => {
  put('tea');
  let answer = () => {};
  groups.beforeAnswer = () => new Promise((resolve) => (answer = resolve));
  const slow = nameFor('1');
  while (groups.asked === 0) await new Promise(setImmediate);
  groups.beforeAnswer = async () => {};
  await rename('coffee');
  answer();
  expect(await slow).toBe('tea');
  expect(await nameFor('1')).toBe('coffee');
});

test('while group-service is away the group is left out, unless it is remembered', async () => {
  put('tea');
  groups.away = true;
  expect(await chat.user('1').conversation(g)).not.toHaveProperty('group.name');
  groups.away = false;
  expect(await nameFor('1')).toBe('tea');
  groups.away = true;
  expect(await nameFor('2')).toBe('tea');
});

test('a former member sees the group as it was when they went, whatever becomes of it', async () => {
  await rename('tea');
  await chat.addMembers(g, ['3']);
  await chat.user('1').send(g, 'hello');
  await chat.removeMembers(g, ['2']);
  await rename('behind their back');
  expect(await nameFor('2')).toBe('tea');
  expect(await nameFor('1')).toBe('behind their back');
  expect((await chat.user('2').conversations()).map((each) => each.group?.name)).toEqual(['tea']);
  const synced = (await chat.user('2').sync()).conversations.find((each) => each.conversationId === g);
  expect(synced?.group?.name).toBe('tea');
  await chat.addMembers(g, ['2']);
  expect(await nameFor('2')).toBe('behind their back');
});

test('a former member who never was shown the group is shown none', async () => {
  await rename('before');
  await chat.addMembers(g, ['3'], { history: 2 });
  await chat.removeMembers(g, ['3']);
  await rename('after');
  expect(await nameFor('3')).toBeUndefined();
});
