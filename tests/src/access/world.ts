import { randomUUID } from 'node:crypto';
import { issueTokens, upsertUser } from '@im/common/testing/client/accounts.ts';
import type { WireFriendRequest } from '@im/common/testing/client/wire.ts';
import { befriend, type Person, people, person } from '../support/people.ts';
import type { Product } from '../support/product.ts';
import { PASSWORD } from './rows/common.ts';

export const SCOPES = ['users', 'tokens', 'messages', 'groups', 'keys'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Key {
  readonly keyId: string;
  readonly scopes: readonly string[];
  readonly secret: string;
}

/** What requests of the table are about. */
export interface World {
  readonly product: Product;
  /** The party: everything in the table is hers, or sent to her. */
  readonly ann: Person;
  /** Her friend. */
  readonly bob: Person;
  /** Signed in, and concerned by nothing. */
  readonly eve: Person;
  /** The uid of somebody who is disabled and signed out all the time. */
  readonly victim: string;
  /** The uid of somebody who knows nobody. */
  readonly stranger: string;
  /** The uid of somebody who was a friend of Ann's. */
  readonly formerFriend: string;
  /** Ann's and Bob's conversation. */
  readonly direct: string;
  /** Ann owns it, Bob is a member; by invitation only. */
  readonly groupId: string;
  /** A message that Ann has just sent there. */
  message(): Promise<number>;
  /** A session of Ann's that nobody uses. */
  session(): Promise<string>;
  refreshToken(): Promise<string>;
  /** An open friend request to Ann, of somebody new. */
  requestToAnn(): Promise<{ requestId: string; from: Person }>;
  /** One of hers, to somebody new. */
  requestOfAnn(): Promise<string>;
  /** A group as the other, for things that are done once. */
  newGroup(): Promise<string>;
  /** An open request to join a group as the other. */
  requestToJoin(): Promise<{ groupId: string; requestId: string }>;
  /** A key with these scopes, the same each time. */
  key(scopes: readonly Scope[]): Promise<Key>;
  newKey(scopes: readonly Scope[]): Promise<Key>;
}

/** People and things for the table, in a product of their own. */
export async function createWorld(product: Product): Promise<World> {
  const { admin } = product;
  const found = await upsertUser(admin, 'ann', { username: 'ann' });
  await admin.call('PUT', `/v1/admin/users/${found.uid}/password`, { newPassword: PASSWORD });
  const ann = await person(product, 'ann', found);
  const { bob, eve } = await people(product, 'bob', 'eve');
  const victim = (await upsertUser(admin, 'victim')).uid;
  const stranger = (await upsertUser(admin, 'stranger')).uid;
  const direct = await befriend(ann, bob);
  const former = await person(product, 'former friend');
  await befriend(ann, former);
  await ann.client.call('DELETE', `/v1/friends/${former.uid}`);

  const keys = new Map<string, Promise<Key>>();
  const newKey = async (scopes: readonly Scope[]): Promise<Key> => {
    const { apiKey, key } = await admin.call('POST', '/v1/admin/api-keys', { name: 'made', scopes });
    return { keyId: apiKey.keyId, scopes: apiKey.scopes, secret: key };
  };
  const tokens = () =>
    issueTokens(admin, { uid: ann.uid, device: { deviceId: randomUUID(), platform: 'BOT' } });
  const askToBeFriend = async (from: Person, uid: string) =>
    (await from.client.call<{ request: WireFriendRequest }>('POST', '/v1/friend-requests', { uid })).request
      .requestId;
  const newGroup = async (): Promise<string> =>
    (await ann.client.call('POST', '/v1/groups', { name: 'the group', memberUids: [bob.uid] })).group.groupId;

  return {
    product,
    ann,
    bob,
    eve,
    victim,
    stranger,
    formerFriend: former.uid,
    direct,
    groupId: await newGroup(),
    message: async () => (await ann.say(direct, 'hello')).seq,
    session: async () => (await tokens()).session.sessionId,
    refreshToken: async () => (await tokens()).tokens.refreshToken,
    async requestToAnn() {
      const from = await person(product, 'suitor');
      return { requestId: await askToBeFriend(from, ann.uid), from };
    },
    async requestOfAnn() {
      const { uid } = await upsertUser(admin, randomUUID());
      return askToBeFriend(ann, uid);
    },
    newGroup,
    async requestToJoin() {
      const groupId = await newGroup();
      await ann.client.call('PATCH', `/v1/groups/${groupId}`, { joinPolicy: 'APPROVAL' });
      const { request } = await eve.client.call('POST', `/v1/groups/${groupId}/join`, {});
      return { groupId, requestId: request.requestId };
    },
    key(scopes) {
      const name = [...scopes].sort().join(' ');
      const known = keys.get(name) ?? newKey(scopes);
      keys.set(name, known);
      return known;
    },
    newKey,
  };
}
