import { randomUUID } from 'node:crypto';
import { refreshTokens } from '@im/common/testing/client/accounts.ts';
import { ApiError } from '@im/common/testing/client/api-error.ts';
import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type { WireMessage, WireRange, WireSync } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { befriend, directConversation, messageOf, type Person, people, person } from './support/people.ts';
import { type ProductOnDisk, startProductOnDisk } from './support/product-on-disk.ts';

/** Characters of a message, so that a page holds one of them and a full file is noticed soon. */
const LONG = 4_000;
/** Sends of a socket that are unanswered at once. */
const IN_FLIGHT = 8;
/** Far more than what fits into the pages a new file has. */
const MANY = 400;
/** A send is answered in 3 s; what a busy machine adds. */
const ANSWERED_WITHIN_MS = 5_000;
/** What a send may be refused with while there is no room: each says "again, with the same id". */
const NOT_NOW = ['STORE_AWAY', 'OVERLOADED', 'EARLIER_SEND_REFUSED', 'DEADLINE_PASSED'];

let product: ProductOnDisk;
beforeAll(async () => {
  product = await startProductOnDisk();
});
afterAll(() => product.stop());

interface Sent {
  readonly clientMsgId: string;
  readonly acked: WireMessage | undefined;
}

/** Keeps some sends in flight until one is refused; gives all of them, in order. */
async function sendUntilRefused(socket: ImSocket, conversationId: string): Promise<Sent[]> {
  const sent: Promise<Sent>[] = [];
  let refused = false;
  const sender = async () => {
    while (!refused && sent.length < MANY) {
      const one = send(socket, conversationId, randomUUID());
      sent.push(one);
      refused ||= (await one).acked === undefined;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  expect(refused).toBe(true);
  return Promise.all(sent);
}

async function send(socket: ImSocket, conversationId: string, clientMsgId: string): Promise<Sent> {
  const content = { text: { text: clientMsgId.padEnd(LONG, '.') } };
  const startedAt = performance.now();
  try {
    const { message } = await socket.request('sendMessage', { conversationId, clientMsgId, content });
    return { clientMsgId, acked: message };
  } catch (error) {
    expect(error).toBeInstanceOf(ApiError);
    expect(NOT_NOW).toContain((error as ApiError).reason);
    expect(performance.now() - startedAt).toBeLessThan(ANSWERED_WITHIN_MS);
    return { clientMsgId, acked: undefined };
  }
}

/** What stays of a message, whatever is said after it. */
const asSent = ({ seq, clientMsgId, sentAt, content }: WireMessage) => ({
  seq,
  clientMsgId,
  sentAt,
  content,
});

const history = (who: Person, conversationId: string, fromSeq: number) =>
  who.client.call<WireRange>(
    'GET',
    `/v1/conversations/${conversationId}/messages?fromSeq=${fromSeq}&limit=200`,
  );

/** Everything of a conversation, page by page. */
async function allMessages(who: Person, conversationId: string): Promise<WireMessage[]> {
  const messages: WireMessage[] = [];
  for (let from = 1; ; ) {
    const range = await history(who, conversationId, from);
    messages.push(...range.messages);
    if (range.toSeq < from) return messages;
    from = range.toSeq + 1;
  }
}

test('with a full disk sends are refused in time, nothing acked is lost, reads go on; with room it works again', async () => {
  const { ann, bob } = await people(product, 'ann', 'bob');
  const conversationId = await befriend(ann, bob);
  const socket = await ann.socket();
  const before = await send(socket, conversationId, randomUUID());
  await product.fill('chat-service');
  const sent = [before, ...(await sendUntilRefused(socket, conversationId))];
  const acked = sent.flatMap((each) => each.acked ?? []).map(asSent);
  expect(acked).not.toEqual([]);

  // Over HTTP it says so too, and how: not now, send the same id again.
  const { conversationId: _, ...body } = messageOf(conversationId, 'x'.repeat(LONG));
  const posted = ann.client.call('POST', `/v1/conversations/${conversationId}/messages`, body);
  await expect(posted).rejects.toMatchObject({ code: 503, status: 'UNAVAILABLE' });

  // Reads go on, and hold what was acked.
  const held = await allMessages(bob, conversationId);
  for (const message of acked) expect(held.map(asSent)).toContainEqual(message);
  const synced = await bob.client.call<WireSync>('GET', '/v1/sync');
  expect(synced.conversations.map((each) => each.conversationId)).toContain(conversationId);

  await product.clear('chat-service');
  // The same ids again, in order: each once, and after what was acked before.
  for (const { clientMsgId } of sent) {
    await vi.waitFor(
      async () => expect((await send(socket, conversationId, clientMsgId)).acked).toBeDefined(),
      {
        timeout: 10_000,
      },
    );
  }
  const all = await allMessages(bob, conversationId);
  expect(all.map(({ seq }) => seq)).toEqual(Array.from(all, (__, i) => i + 2));
  expect(all.map(({ clientMsgId }) => clientMsgId).sort()).toEqual(
    sent.map(({ clientMsgId }) => clientMsgId).sort(),
  );
  for (const message of acked) expect(all.map(asSent)).toContainEqual(message);
});

test('what others tell chat-service meanwhile arrives once there is room', async () => {
  const { ann, bob, carol } = await people(product, 'ann', 'bob', 'carol');
  const full = await befriend(ann, bob);
  await product.fill('chat-service');
  await sendUntilRefused(await ann.socket(), full);
  // Succeeds all the same: friend-service has room for it.
  await ann.client.call('POST', '/v1/friend-requests', { uid: carol.uid });
  await carol.client.call('POST', '/v1/friend-requests', { uid: ann.uid });
  await product.clear('chat-service');
  await vi.waitFor(() => ann.say(directConversation(ann, carol), 'hello'), { timeout: 15_000 });
});

// What each service writes; repeated until its file has no room left for it.
const WRITES: [service: Parameters<ProductOnDisk['fill']>[0], what: string, write: () => Promise<unknown>][] =
  [
    [
      'user-service',
      'a registration',
      () =>
        product.client.call('POST', '/v1/users', { username: `u${randomUUID()}`, password: 'a-password' }),
    ],
    [
      'user-service',
      'a user of a product',
      () =>
        product.admin.call('PUT', `/v1/admin/users/${randomUUID()}`, {
          nickname: 'a nickname that takes some room',
        }),
    ],
    [
      'user-service',
      'a failed login',
      () =>
        product.client
          .call('POST', '/v1/login', {
            username: `nobody-${randomUUID()}`,
            password: 'a-password',
            device: { deviceId: 'd', platform: 'WEB' },
          })
          // The address's failures, which are counted too.
          .catch((error) => {
            if (!['BAD_CREDENTIALS', 'LOGIN_THROTTLED'].includes(error.reason)) throw error;
          }),
    ],
    ['auth-service', 'a sign-in', () => someone.another()],
    [
      'friend-service',
      'a friend request',
      async () => {
        const { uid } = await person(product, 'other');
        await someone.client.call('POST', '/v1/friend-requests', { uid, message: 'm'.repeat(200) });
      },
    ],
    [
      'group-service',
      'a group',
      () => someone.client.call('POST', '/v1/groups', { name: 'a group with quite a name', memberUids: [] }),
    ],
  ];

let someone: Person;
test.each(WRITES)('with the disk of %s full, %s is refused as UNAVAILABLE', async (service, _what, write) => {
  someone = await person(product, 'someone');
  await product.fill(service);
  let refusal: unknown;
  for (let i = 0; i < MANY && refusal === undefined; i++) {
    await write().catch((error) => {
      refusal = error;
    });
  }
  await product.clear(service);
  expect(refusal).toMatchObject({ code: 503, status: 'UNAVAILABLE', reason: 'STORE_AWAY' });
  // Nothing of it stays in the way.
  await write();
  expect(
    (await refreshTokens(product.client, someone.signedIn.tokens.refreshToken)).accessToken,
  ).toBeTruthy();
});
