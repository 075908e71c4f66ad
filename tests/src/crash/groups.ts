import type { WireConversation, WireGroup } from '@im/common/testing/client/wire.ts';
import { delay } from '@im/common/utils/wait.ts';
import type { Person } from './people.ts';
import { isPassing, untilAnswered } from './until-answered.ts';

/** Milliseconds that a change of members which was answered has to come into the log. */
const IN_LOG_MS = 15_000;
/** Milliseconds between two looks. */
const LOOK_EVERY_MS = 100;

/** A group whose members come and go. */
export interface CrashGroup {
  readonly groupId: string;
  readonly conversationId: string;
  readonly owner: Person;
  /** Who comes and goes. */
  readonly members: readonly Person[];
  /** Whether who left may join again; otherwise they wait for an invitation. */
  readonly open: boolean;
  /** Of whose membership a change is under way. */
  readonly changing: Set<Person>;
}

/** What their owners make of the groups, in turns. */
const KINDS = [
  { open: false, patch: { historyPolicy: 'FROM_JOIN' } },
  { open: true, patch: { joinPolicy: 'OPEN' } },
];
/** Of each four in turn the first two have all members, the others half of them. */
const SIZES = [1, 1, 0.5, 0.5];
/** As an environment variable: the servers of runs take the groups of all for large, those of half of them not. */
export const LARGE_GROUPS = { IM_LARGE_GROUP_MEMBERS: '4' };
/** How far apart in the circle the owners of a group and of the next are. */
const OWNERS_APART = 3;

/** Makes groups, each of its owner and the owner's friends: who is no friend stays outside. */
export async function makeGroups(people: readonly Person[], count: number): Promise<CrashGroup[]> {
  const groups: CrashGroup[] = [];
  // One after another: many at once would be a load of its own.
  for (let number = 0; number < count; number++) groups.push(await makeGroup(people, number));
  return groups;
}

async function makeGroup(people: readonly Person[], number: number): Promise<CrashGroup> {
  const { open, patch } = KINDS[number % KINDS.length]!;
  // Half a circle on for the next, and one more after each pair.
  const place = (number * OWNERS_APART + Math.floor(number / KINDS.length)) % people.length;
  const owner = people[place]!;
  const outsider = people[(place + people.length / 2) % people.length];
  const friends = people.filter((person) => person !== owner && person !== outsider);
  const members = friends.slice(0, friends.length * SIZES[number % SIZES.length]!);
  const client = await owner.client();
  const body = { name: `group of ${owner.name}`, memberUids: members.map(({ uid }) => uid) };
  const { group } = await client.call<{ group: WireGroup }>('POST', '/v1/groups', body);
  await client.call('PATCH', `/v1/groups/${group.groupId}`, patch);
  const { groupId, conversationId } = group;
  for (const person of [owner, ...members]) person.conversations.push(conversationId);
  return { groupId, conversationId, owner, members, open, changing: new Set<Person>() };
}

/** The owner removes a member, or takes them in again. Both may be said again. */
export async function removeOrInvite(group: CrashGroup, member: Person): Promise<void> {
  const path = `/v1/groups/${group.groupId}/members`;
  await change(group, member, (isIn) =>
    isIn
      ? untilAnswered(group.owner, 'DELETE', `${path}/${member.uid}`)
      : untilAnswered(group.owner, 'POST', path, { uids: [member.uid] }),
  );
}

/** A member leaves, or joins again where that needs nobody else. */
export async function leaveOrJoin(group: CrashGroup, member: Person): Promise<void> {
  if (member.outOf.has(group.conversationId) && !group.open) return;
  const path = `/v1/groups/${group.groupId}`;
  await change(group, member, (isIn) =>
    isIn
      ? // To who has left the group does not exist: they did, and the answer was lost.
        untilAnswered(member, 'DELETE', `${path}/members/${member.uid}`, undefined, 'GROUP_NOT_FOUND')
      : untilAnswered(member, 'POST', `${path}/join`, {}),
  );
}

/** One change of someone's membership at a time, so that it is known what the last one was. */
async function change(
  { conversationId, changing }: CrashGroup,
  member: Person,
  make: (isIn: boolean) => Promise<void>,
): Promise<void> {
  if (changing.has(member)) return;
  changing.add(member);
  const isIn = !member.outOf.has(conversationId);
  await make(isIn);
  if (isIn) member.outOf.add(conversationId);
  else member.outOf.delete(conversationId);
  changing.delete(member);
}

/** Resolves when the log has everybody in or out as it was answered; rejects when it does not come to that. */
export async function membershipsHold(groups: readonly CrashGroup[]): Promise<void> {
  await Promise.all(groups.flatMap((group) => group.members.map((member) => membershipHolds(group, member))));
}

async function membershipHolds({ conversationId }: CrashGroup, member: Person): Promise<void> {
  const expected = !member.outOf.has(conversationId);
  const client = await member.client();
  for (const giveUpAt = performance.now() + IN_LOG_MS; ; await delay(LOOK_EVERY_MS)) {
    const path = `/v1/conversations/${conversationId}`;
    try {
      const { conversation } = await client.call<{ conversation: WireConversation }>('GET', path);
      if ((conversation.leftSeq === undefined) === expected) return;
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
    if (performance.now() > giveUpAt) {
      throw new Error(
        `${member.name} is ${expected ? 'out of' : 'in'} ${conversationId}, not as was answered`,
      );
    }
  }
}
