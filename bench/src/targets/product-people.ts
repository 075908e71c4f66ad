import { issueTokens, upsertUser } from '@im/common/testing/client/accounts.ts';
import { ApiError } from '@im/common/testing/client/api-error.ts';
import { createImClient } from '@im/common/testing/client/http.ts';
import type { Person, Target } from './target.ts';

/** Calls at a time while people are made. */
const AT_ONCE = 16;
/** Members that one call adds. */
const MEMBERS_AT_ONCE = 200;

/** Makes people and groups of the product by its server API. */
export function createProductPeople(httpUrl: string, adminKey: string): Pick<Target, 'people' | 'group'> {
  const admin = createImClient(httpUrl, adminKey);
  let made = 0;

  async function person(): Promise<Person> {
    made += 1;
    const externalId = `bench-${made}`;
    await untilTaken(() => upsertUser(admin, externalId));
    const device = { deviceId: 'bench', platform: 'BOT' as const };
    const { user, tokens } = await untilTaken(() => issueTokens(admin, { externalId, device }));
    return { uid: user.uid, token: tokens.accessToken };
  }

  return {
    async people(count) {
      const people: Person[] = [];
      while (people.length < count) {
        const batch = Math.min(AT_ONCE, count - people.length);
        people.push(...(await Promise.all(Array.from({ length: batch }, person))));
      }
      return people;
    },
    async group(people) {
      const uids = people.map(({ uid }) => uid);
      const { group } = await admin.call('POST', '/v1/admin/groups', {
        name: 'bench',
        memberUids: uids.slice(0, MEMBERS_AT_ONCE),
        ownerUid: uids[0],
      });
      for (let i = MEMBERS_AT_ONCE; i < uids.length; i += MEMBERS_AT_ONCE) {
        await admin.call('POST', `/v1/admin/groups/${group.groupId}/members`, {
          uids: uids.slice(i, i + MEMBERS_AT_ONCE),
        });
      }
      return group.conversationId;
    },
  };
}

/** Asks again as long as the server has too much else to do. */
async function untilTaken<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError && error.momentary)) throw error;
    }
  }
}
