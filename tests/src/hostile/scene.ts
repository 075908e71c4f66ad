import { randomUUID } from 'node:crypto';
import { issueTokens, register, upsertUser } from '@im/common/testing/client/accounts.ts';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import type { ImClient } from '@im/common/testing/client/http.ts';
import type { Product } from '../support/product.ts';

/** Password of the one account that has one. */
export const PASSWORD = 'correct horse battery';

export interface Someone {
  readonly uid: string;
  readonly token: string;
  readonly client: ImClient;
}

/** The few people in whose name everything is sent, so that what is kept per user stays the same size. */
export interface Scene {
  readonly product: Product;
  readonly ann: Someone;
  readonly bob: Someone;
  /** Signs out, is disabled, changes the password: whatever hostile requests do to an account is done to this one. */
  readonly victim: Someone;
  readonly username: string;
  /** A group of Ann and Bob, and one that the victim owns. */
  readonly groupId: string;
  readonly victimsGroupId: string;
  /** The direct conversation of Ann and Bob. */
  readonly conversationId: string;
  /** Lets the victim in again. */
  revive(): Promise<void>;
  /** Throws unless ordinary use works: HTTP, and both protocols of the socket. */
  check(): Promise<void>;
}

export async function openScene(product: Product): Promise<Scene> {
  const { admin } = product;
  const someone = async (uid: string): Promise<Someone> => {
    const device = { deviceId: 'hostile', platform: 'BOT' as const };
    const token = (await issueTokens(admin, { uid, device })).tokens.accessToken;
    return { uid, token, client: product.client.as(token) };
  };
  const ann = await someone((await upsertUser(admin, 'ann')).uid);
  const bob = await someone((await upsertUser(admin, 'bob')).uid);
  const username = 'victim';
  const { uid } = await register(product.client, { username, password: PASSWORD });
  let victim = await someone(uid);
  const groupOf = async (ownerUid: string) =>
    (
      await admin.call('POST', '/v1/admin/groups', {
        name: 'g',
        memberUids: [ann.uid, bob.uid, uid],
        ownerUid,
      })
    ).group.groupId as string;
  const groupId = await groupOf(ann.uid);
  const victimsGroupId = await groupOf(uid);

  async function say(): Promise<{ conversationId: string; seq: number }> {
    const body = { clientMsgId: randomUUID(), content: { text: { text: 'still here' } } };
    return (await ann.client.call('POST', `/v1/conversations/u:${bob.uid}/messages`, body)).message;
  }
  const { conversationId } = await say();

  return {
    product,
    ann,
    bob,
    get victim() {
      return victim;
    },
    username,
    groupId,
    victimsGroupId,
    conversationId,
    async revive() {
      await admin.call('POST', `/v1/admin/users/${uid}/enable`, {});
      await admin.call('PUT', `/v1/admin/users/${uid}/password`, { newPassword: PASSWORD });
      victim = await someone(uid);
    },
    async check() {
      await ann.client.call('GET', '/v1/me');
      await bob.client.call('GET', '/v1/sync?limit=1');
      const { seq } = await say();
      for (const protocol of PROTOCOLS) {
        const socket = await product.connect({ protocol });
        try {
          await socket.hello(bob.token);
          await socket.request('markRead', { conversationId, seq });
        } finally {
          await socket.close();
        }
      }
    },
  };
}
