import { randomUUID } from 'node:crypto';
import { issueTokens, upsertUser } from '@im/common/testing/client/accounts.ts';
import type { WireFriendRequest } from '@im/common/testing/client/wire.ts';
import { befriend, type Person, people, person } from '../support/people.ts';
import type { Product } from '../support/product.ts';

export const SCOPES = ['users', 'tokens', 'messages', 'groups', 'keys'] as const;
export type Scope = (typeof SCOPES)[number];

export interface Key {
  readonly keyId: string;
  readonly scopes: readonly string[];
  readonly secret: string;
}

/** Ann's password. */
export const PASSWORD = 'correct horse battery';

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
  /** Ann's and Bob's conversation. */
  readonly direct: string;
  /** A message that Ann has just sent there. */
  message(): Promise<number>;
  /** A session of Ann's that nobody uses. */
  session(): Promise<string>;
  refreshToken(): Promise<string>;
  /** An open friend request to Ann, of somebody new. */
  friendRequest(): Promise<{ requestId: string; from: Person }>;
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
  const keys = new Map<string, Promise<Key>>();
  const tokens = () =>
    issueTokens(admin, { uid: ann.uid, device: { deviceId: randomUUID(), platform: 'BOT' } });

  const newKey = async (scopes: readonly Scope[]): Promise<Key> => {
    const { apiKey, key } = await admin.call('POST', '/v1/admin/api-keys', { name: 'made', scopes });
    return { keyId: apiKey.keyId, scopes: apiKey.scopes, secret: key };
  };

  return {
    product,
    ann,
    bob,
    eve,
    victim,
    stranger,
    direct,
    message: async () => (await ann.say(direct, 'hello')).seq,
    session: async () => (await tokens()).session.sessionId,
    refreshToken: async () => (await tokens()).tokens.refreshToken,
    async friendRequest() {
      const from = await person(product, 'suitor');
      const answer = await from.client.call<{ request: WireFriendRequest }>('POST', '/v1/friend-requests', {
        uid: ann.uid,
      });
      return { requestId: answer.request.requestId, from };
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
