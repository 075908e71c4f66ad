import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, outcomesOf, startGroupProcess } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
let nowMs: number;
beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  fixture = await startGroupProcess({ now: () => nowMs });
});
afterEach(() => fixture.process.stop());

async function allPages(read: (pageToken: string) => Promise<{ ids: string[]; nextPageToken: string }>) {
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await read(pageToken);
    expect(page.ids.length).toBeLessThanOrEqual(2);
    seen.push(...page.ids);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return seen;
}

test('pages give every member once, the earliest first, with users where user-service answers', async () => {
  const { groups, makeGroup, neighbours } = fixture;
  const { groupId } = await makeGroup(['50']);
  for (const uids of [['20', '3'], ['100'], ['5', '44']]) {
    nowMs++;
    await groups.inviteMembers({ groupId, uids }, as('50'));
  }
  const seen = await allPages(async (pageToken) => {
    const { members, nextPageToken } = await groups.listMembers({ groupId, pageSize: 2, pageToken }, as('3'));
    for (const { uid, user, joinedAt } of members) {
      expect(user?.nickname).toBe(`Nick ${uid}`);
      expect(joinedAt).toMatch(/^2026-01-01T00:00:00\.\d{3}Z$/);
    }
    return { ids: members.map(({ uid }) => uid), nextPageToken };
  });
  expect(seen).toEqual(['50', '20', '3', '100', '44', '5']);
  neighbours.usersAway = true;
  // Not known any more.
  await fixture.process.kit.cache.put([{ key: 'user:44', value: '', ttlMs: 0 }]);
  const known = await groups.listMembers({ groupId, pageSize: 2 }, as('3'));
  expect(known.members.map(({ user }) => user?.uid)).toEqual(['50', '20']);
  const { members } = await groups.listMembers({ groupId }, as('3'));
  expect(members.map(({ user }) => user)).toEqual(seen.map(() => undefined));
});

test("pages give every group of one's own once, the earliest joined first", async () => {
  const { groups, makeGroup } = fixture;
  const made: Awaited<ReturnType<typeof makeGroup>>[] = [];
  for (let i = 0; i < 6; i++) {
    if (i % 2 === 1) nowMs++;
    made.push(await makeGroup(i === 2 ? ['1'] : ['1', '2']));
  }
  await groups.removeMember({ groupId: made[3]!.groupId, uid: '2' }, as('2'));
  const seen = await allPages(async (pageToken) => {
    const page = await groups.listGroups({ pageSize: 2, pageToken }, as('2'));
    return { ids: page.groups.map(({ groupId }) => groupId), nextPageToken: page.nextPageToken };
  });
  const ids = (...indexes: number[]) => indexes.map((index) => made[index]!.groupId);
  expect(seen).toHaveLength(4);
  expect([seen[0], seen[1], new Set(seen.slice(2))]).toEqual([...ids(0, 1), new Set(ids(4, 5))]);
  const [first] = (await groups.listGroups({ pageSize: 1 }, as('2'))).groups;
  expect(first).toEqual(made[0]);
});

test('page tokens of another making are refused', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1']);
  const pageToken = 'nonsense';
  const outcomes = await outcomesOf([
    groups.listGroups({ pageToken }, as('1')),
    groups.listMembers({ groupId, pageToken }, as('1')),
    groups.listJoinRequests({ groupId, pageToken }, as('1')),
  ]);
  expect(outcomes).toEqual(outcomes.map(() => 'PAGE_TOKEN_INVALID'));
});
