import type { ControlRecord } from '@im/common/gen/im/chat/v1/control_pb.ts';
import { JoinPolicy_Value as JoinPolicy, Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { as, startGroupProcess } from './testing/group-process.ts';

// Whatever people do to a group at the same moment: there is one owner, the
// count is right, and who reads the log has the members that the service has.

const MAX_MEMBERS = 6;
const PEOPLE = ['1', '2', '3', '4', '5', '6', '7', '8'];

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
beforeAll(async () => {
  fixture = await startGroupProcess({ settings: { maxMembers: MAX_MEMBERS } });
});
afterAll(() => fixture.process.stop());

const person = fc.constantFrom(...PEOPLE);
/** Those the group begins with, so that what only they may do is done often. */
const founder = fc.constantFrom('1', '2', '3');
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('invite' as const),
    by: person,
    uids: fc.array(person, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('remove' as const), by: person, uid: person }),
  fc.record({ kind: fc.constant('leave' as const), by: person }),
  fc.record({ kind: fc.constant('join' as const), by: person }),
  fc.record({ kind: fc.constant('transfer' as const), by: founder, uid: founder }),
  fc.record({
    kind: fc.constant('role' as const),
    by: founder,
    uid: person,
    role: fc.constantFrom(Role.ADMIN, Role.MEMBER, Role.OWNER),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function run(groupId: string, operation: Operation): Promise<unknown> {
  const { groups } = fixture;
  const caller = as(operation.by);
  switch (operation.kind) {
    case 'invite':
      return groups.inviteMembers({ groupId, uids: operation.uids }, caller);
    case 'remove':
      return groups.removeMember({ groupId, uid: operation.uid }, caller);
    case 'leave':
      return groups.removeMember({ groupId, uid: operation.by }, caller);
    case 'join':
      return groups.joinGroup({ groupId }, caller);
    case 'transfer':
      return groups.transferGroup({ groupId, uid: operation.uid }, caller);
    case 'role': {
      const { uid, role } = operation;
      return groups.updateMember({ groupId, uid, role, updateMask: { paths: ['role'] } }, caller);
    }
  }
}

/** The members as a reader of the log has them. Fails where an event says what cannot be. */
function membersOfLog(records: readonly ControlRecord[]): Map<string, Role> {
  const roles = new Map<string, Role>();
  for (const { kind } of records) {
    if (kind.case === 'addMembers') {
      for (const uid of kind.value.uids) {
        expect(roles.has(uid)).toBe(false);
        roles.set(uid, kind.value.role);
      }
    } else if (kind.case === 'removeMembers') {
      for (const uid of kind.value.uids) expect(roles.delete(uid)).toBe(true);
    } else if (kind.case === 'updateMember' && kind.value.role !== undefined) {
      expect(roles.has(kind.value.uid)).toBe(true);
      roles.set(kind.value.uid, kind.value.role);
    }
  }
  return roles;
}

const EXPECTED = [
  'GROUP_NOT_FOUND',
  'MEMBER_NOT_FOUND',
  'ROLE_REQUIRED',
  'OWNER_MUST_TRANSFER',
  'GROUP_FULL',
  'INVALID_FIELD',
];

test('the log, the members and the count agree, and there is one owner', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(operation, { minLength: 1, maxLength: 6 }), { maxLength: 6 }),
      async (rounds) => {
        const { groups, makeGroup, told, members } = fixture;
        const group = await makeGroup(['1', '2', '3'], { admins: ['2'], joinPolicy: JoinPolicy.OPEN });
        const { groupId } = group;
        for (const round of rounds) {
          // All of a round at the same moment.
          for (const result of await Promise.allSettled(round.map((each) => run(groupId, each)))) {
            if (result.status === 'rejected') expect(EXPECTED).toContain(result.reason.reason);
          }
        }
        const log = membersOfLog(told(group));
        const [owner, ...more] = [...log].filter(([, role]) => role === Role.OWNER).map(([uid]) => uid);
        expect([owner === undefined, more]).toEqual([false, []]);
        expect(await members(groupId, owner!)).toEqual(Object.fromEntries(log));
        expect(log.size).toBeLessThanOrEqual(MAX_MEMBERS);
        const now = await groups.getGroup({ groupId }, as(owner!));
        expect(now.group).toMatchObject({ memberCount: log.size, ownerUid: owner });
      },
    ),
    { numRuns: 25 },
  );
});
