import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ControlRecordSchema } from '@im/common/gen/im/chat/v1/control_pb.ts';
import { HistoryPolicy_Value, Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { refusal, refusedWith } from '../testing/refusal.ts';

type Kind = NonNullable<MessageInitShape<typeof ControlRecordSchema>['kind']>;

let chat: Chat;

beforeEach(async () => {
  chat = await startChat();
});
afterEach(() => chat.stop());

function appendAs(
  service: ServiceName,
  conversationId: string,
  version: number,
  ...kinds: Kind[]
): Promise<unknown> {
  const records = kinds.map((kind) => ({ actorUid: '1', at: '2026-01-01T00:00:00.000Z', kind }));
  return chat.client(service).appendEvents({ conversationId, version, records });
}

const add = (...uids: string[]): Kind => ({
  case: 'addMembers',
  value: { uids, inviterUid: '1', role: Role_Value.MEMBER, history: HistoryPolicy_Value.ALL },
});
const remove = (...uids: string[]): Kind => ({ case: 'removeMembers', value: { uids } });
const dismiss: Kind = { case: 'dismissGroup', value: {} };
const open: Kind = { case: 'openAccount', value: {} };

async function eventKinds(uid: string, conversationId: string): Promise<(string | undefined)[]> {
  const { events } = await chat.user(uid).messages(conversationId, { fromSeq: 1, limit: 200 });
  return events.map(({ kind }) => kind.case);
}

test('versions: the next is applied, a lower one is done already, a gap is refused with what is expected', async () => {
  await appendAs('group-service', 'g:5', 1, add('1'));
  await appendAs('group-service', 'g:5', 1, add('9'));
  const gap = await refusedWith(appendAs('group-service', 'g:5', 3, add('3')));
  expect(gap.reason).toBe('VERSION_GAP');
  expect(gap.status).toBe('ABORTED');
  expect(gap.metadata.expected).toBe('2');
  await appendAs('group-service', 'g:5', 2, add('2'));
  await appendAs('group-service', 'g:5', 3, add('3'));
  const { events } = await chat.user('1').messages('g:5', { fromSeq: 1 });
  expect(events.map(({ kind }) => kind.case === 'memberAdded' && kind.value.uids)).toEqual([
    ['1'],
    ['2'],
    ['3'],
  ]);
});

test('versions are counted for each service and each conversation, also over a restart', async () => {
  await appendAs('user-service', 'n:7', 1, open);
  await appendAs('friend-service', 'n:7', 1, { case: 'notifyFriendAdded', value: { uid: '8' } });
  await appendAs('user-service', 'n:8', 1, open);
  await chat.restart();
  expect(
    await refusal(appendAs('friend-service', 'n:8', 2, { case: 'notifyFriendAdded', value: { uid: '7' } })),
  ).toBe('VERSION_GAP');
  await appendAs('friend-service', 'n:7', 2, { case: 'notifyFriendRemoved', value: { uid: '8' } });
  expect(await eventKinds('7', 'n:7')).toEqual(['friendAdded', 'friendRemoved']);
});

test('the same version many times at once is applied once, and all are answered', async () => {
  await appendAs('group-service', 'g:5', 1, add('1'));
  await Promise.all(Array.from({ length: 10 }, () => appendAs('group-service', 'g:5', 2, add('2'))));
  expect(await eventKinds('1', 'g:5')).toEqual(['memberAdded', 'memberAdded']);
});

test('records of one call are applied in their order and together', async () => {
  await appendAs('group-service', 'g:5', 1, add('1', '2'), remove('2'), add('2'), {
    case: 'updateGroup',
    value: { group: { groupId: '5', name: 'five' } },
  });
  expect(await eventKinds('2', 'g:5')).toEqual([
    'memberAdded',
    'memberRemoved',
    'memberAdded',
    'groupUpdated',
  ]);
  expect((await chat.user('2').send('g:5', 'back')).seq).toBe(5);
});

const notTheirs: [ServiceName, string, Kind][] = [
  ['friend-service', 'g:5', add('2')],
  ['user-service', 'g:5', dismiss],
  ['group-service', 's:1:2', { case: 'addFriendship', value: { uid: '2' } }],
  ['user-service', 's:1:2', { case: 'setBlock', value: { blockerUid: '1', blocked: true } }],
  ['friend-service', 'n:1', open],
  ['group-service', 'n:1', { case: 'setAccountState', value: { disabled: true } }],
  // Their own change, but not in such a conversation.
  ['group-service', 's:1:2', add('2')],
  ['group-service', 'n:1', add('2')],
  ['friend-service', 'g:5', { case: 'addFriendship', value: { uid: '2' } }],
  ['friend-service', 's:1:2', { case: 'notifyFriendAdded', value: { uid: '2' } }],
  ['user-service', 'g:5', open],
  ['group-service', 'u:5', add('2')],
  ['group-service', 'g:05', add('2')],
  ['friend-service', 's:2:1', { case: 'addFriendship', value: { uid: '2' } }],
];

test.each(notTheirs)('%s may not append this to %s', async (service, conversationId, kind) => {
  expect(await refusal(appendAs(service, conversationId, 1, kind))).toBe('ACCESS_DENIED');
});

test('one record that is not theirs refuses the whole call', async () => {
  const mixed = appendAs('group-service', 'g:5', 1, add('1'), { case: 'openAccount', value: {} });
  expect(await refusal(mixed)).toBe('ACCESS_DENIED');
  expect(await refusal(chat.user('1').send('g:5', 'in?'))).toBe('CONVERSATION_NOT_FOUND');
});

test('services that own nothing here may not append at all', async () => {
  for (const service of ['ws-gateway', 'auth-service', 'chat-service'] as const) {
    expect(await refusal(appendAs(service, 'g:5', 1, add('1')))).toBe('ACCESS_DENIED');
  }
});

test('what comes too late is recorded as nothing, and what follows is applied', async () => {
  await appendAs('group-service', 'g:5', 1, add('1', '2'));
  // Already members; not a member; a member twice.
  await appendAs('group-service', 'g:5', 2, add('1', '2'), remove('9'), add('3', '3'));
  expect(await eventKinds('1', 'g:5')).toEqual(['memberAdded', 'memberAdded']);
  await appendAs('group-service', 'g:5', 3, dismiss);
  await appendAs(
    'group-service',
    'g:5',
    4,
    dismiss,
    add('4'),
    remove('2'),
    { case: 'updateMember', value: { uid: '2', role: Role_Value.ADMIN } },
    { case: 'updateGroup', value: { group: { groupId: '5', muteAll: true } } },
  );
  await appendAs('group-service', 'g:5', 5, dismiss);
  expect(await eventKinds('2', 'g:5')).toEqual(['memberAdded', 'memberAdded', 'groupDismissed']);
  expect(await refusal(chat.user('2').send('g:5', 'hello?'))).toBe('READ_ONLY');
  expect(await refusal(chat.user('4').send('g:5', 'hello?'))).toBe('CONVERSATION_NOT_FOUND');
});

test('what makes no sense holds nothing up', async () => {
  await appendAs(
    'group-service',
    'g:5',
    1,
    add('1', '2'),
    { case: 'updateMember', value: { uid: '2', mutedUntil: 'whenever' } },
    { case: 'updateMember', value: { uid: '77', nickname: 'nobody' } },
  );
  await chat.user('2').send('g:5', 'not muted');
  await appendAs('user-service', 'n:1', 1, open);
  await appendAs('user-service', 'n:2', 1, open);
  await appendAs('friend-service', 's:1:2', 1, { case: 'addFriendship', value: { uid: '2' } });
  await appendAs('friend-service', 's:1:2', 2, {
    case: 'setBlock',
    value: { blockerUid: '9', blocked: true },
  });
  await appendAs('friend-service', 's:1:2', 3, { case: 'addFriendship', value: { uid: '2' } });
  await chat.user('2').send('s:1:2', 'not blocked');
  expect(await eventKinds('1', 's:1:2')).toEqual(['friendAdded']);
});

test('a removed member can write no more as soon as the removal has returned, however fast they are', async () => {
  await chat.openAccount('1', '2');
  const group = await chat.makeGroup('5', ['1', '2']);
  for (let round = 0; round < 5; round += 1) {
    const before = Array.from({ length: 10 }, () => chat.user('2').send(group, 'while a member'));
    const settled = Promise.allSettled(before);
    await chat.removeMembers(group, ['2']);
    expect(await refusal(chat.user('2').send(group, 'no longer'))).toBe('NOT_A_MEMBER');
    expect(await refusal(chat.user('2').edit(group, 2, 'no longer'))).toBe('NOT_A_MEMBER');
    expect(await refusal(chat.user('2').recall(group, 2))).toBe('NOT_A_MEMBER');
    await settled;
    await chat.addMembers(group, ['2']);
    await chat.user('2').send(group, 'again');
  }
  const { messages } = await chat.user('1').messages(group, { fromSeq: 1, limit: 200 });
  expect(messages.map(textOf)).not.toContain('no longer');
});

test('a former member sees up to the removal, a rejoined one a new span, a newcomer what the policy gives', async () => {
  const group = await chat.makeGroup('5', ['1', '2']);
  const [one, two, three] = [chat.user('1'), chat.user('2'), chat.user('3')];
  const seqsOf = async (user: typeof one) => {
    const { messages, events } = await user.messages(group, { fromSeq: 1, limit: 200 });
    return [...messages, ...events].map(({ seq }) => seq).sort((a, b) => a - b);
  };
  await one.send(group, 'seq 3');
  await chat.removeMembers(group, ['2']); // 4
  await one.send(group, 'seq 5');
  expect(await seqsOf(two)).toEqual([1, 2, 3, 4]);
  expect((await two.conversation(group)).leftSeq).toBe(4);

  await chat.addMembers(group, ['2', '3'], { history: HistoryPolicy_Value.FROM_JOIN }); // 6
  await one.send(group, 'seq 7');
  expect(await seqsOf(two)).toEqual([1, 2, 3, 4, 6, 7]);
  expect(await seqsOf(three)).toEqual([6, 7]);
  expect((await three.conversation(group)).unread).toBe(1);

  await chat.addMembers(group, ['4'], { history: HistoryPolicy_Value.ALL }); // 8
  expect(await seqsOf(chat.user('4'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('what lies outside the spans is not there for edits and recalls', async () => {
  const group = await chat.makeGroup('5', ['1', '2']);
  const { seq } = await chat.user('2').send(group, 'mine');
  await chat.removeMembers(group, ['2']);
  const between = await chat.user('1').send(group, 'between');
  await chat.addMembers(group, ['2', '3'], {
    history: HistoryPolicy_Value.FROM_JOIN,
    role: Role_Value.ADMIN,
  });
  // An admin of today may not touch what was said before they came.
  expect(await refusal(chat.user('3').recall(group, seq))).toBe('MESSAGE_NOT_FOUND');
  expect(await refusal(chat.user('2').recall(group, between.seq))).toBe('MESSAGE_NOT_FOUND');
  expect(await refusal(chat.user('2').hide(group, between.seq))).toBe('MESSAGE_NOT_FOUND');
  expect(textOf(await chat.user('2').edit(group, seq, 'still mine'))).toBe('still mine');
});

test('members named at a creation in several records see from the start when the policy is ALL', async () => {
  const group = await chat.makeGroup('5', ['1', '2', '3']);
  expect((await chat.user('3').conversation(group)).visibleFromSeq).toBe(1);
});
