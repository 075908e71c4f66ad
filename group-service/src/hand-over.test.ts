import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { as, startGroupProcess } from './testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
beforeEach(async () => {
  fixture = await startGroupProcess();
});
afterEach(() => fixture.process.stop());

const LATER = { timeout: 10_000 };

test('with chat-service away changes succeed and are handed over in order later, also after a restart', async () => {
  const { groups, neighbours, process, told, makeGroup } = fixture;
  neighbours.chatAway = true;
  const group = await makeGroup(['1', '2', '3']);
  const { groupId } = group;
  await groups.removeMember({ groupId, uid: '3' }, as('1'));
  await groups.transferGroup({ groupId, uid: '2' }, as('1'));
  await process.restart();
  await groups.dismissGroup({ groupId }, as('2'));
  expect(neighbours.taken).toEqual([]);
  neighbours.chatAway = false;
  await vi.waitFor(() => expect(told(group).at(-1)?.kind.case).toBe('dismissGroup'), LATER);
  expect(told(group).map(({ kind }) => kind.case)).toEqual([
    'addMembers',
    'addMembers',
    'updateGroup',
    'removeMembers',
    'updateMember',
    'updateMember',
    'updateGroup',
    'dismissGroup',
  ]);
  expect(neighbours.taken.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
});

test('a change returns only when chat-service has taken it', async () => {
  const patient = await startGroupProcess({ settings: { handOverTimeoutMs: 1_500 } });
  try {
    const { groups, neighbours, told, makeGroup } = patient;
    const group = await makeGroup(['1', '2']);
    const order: string[] = [];
    let release = () => {};
    neighbours.beforeTaking = () =>
      new Promise((resolve) => {
        release = () => {
          order.push('taken');
          resolve();
        };
      });
    const removal = groups.removeMember({ groupId: group.groupId, uid: '2' }, as('1'));
    const returned = removal.then(() => order.push('returned'));
    await vi.waitFor(() => {
      release();
      expect(order).toContain('taken');
    }, LATER);
    await returned;
    expect(order).toEqual(['taken', 'returned']);
    expect(told(group).at(-1)?.kind.case).toBe('removeMembers');
  } finally {
    await patient.process.stop();
  }
});

test('a slow chat-service holds no change up for longer than is allowed', async () => {
  const { groups, neighbours, told, makeGroup } = fixture;
  const group = await makeGroup(['1', '2']);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  neighbours.beforeTaking = () => held;
  await groups.removeMember({ groupId: group.groupId, uid: '2' }, as('1'));
  expect(told(group).at(-1)?.kind.case).toBe('updateGroup');
  release();
  await vi.waitFor(() => expect(told(group).at(-1)?.kind.case).toBe('removeMembers'), LATER);
});

test('what was refused leaves nothing behind to hand over', async () => {
  const { groups, neighbours, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1', '2']);
  const updateMask = { paths: ['nickname', 'role'] };
  await expect(
    groups.updateMember({ groupId, uid: '2', nickname: 'x', role: 2, updateMask }, as('2')),
  ).rejects.toMatchObject({ reason: 'ROLE_REQUIRED' });
  await groups.removeMember({ groupId, uid: '2' }, as('1'));
  expect(neighbours.taken.map(({ version }) => version)).toEqual([1, 2]);
});
