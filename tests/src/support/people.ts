import { randomUUID } from 'node:crypto';
import { issueTokens, makeFriends, upsertUser } from '@im/common/testing/client/accounts.ts';
import { createDevice, type DeviceOptions, type ImDevice } from '@im/common/testing/client/device.ts';
import type { ImClient } from '@im/common/testing/client/http.ts';
import type { ImSocket, SocketOptions } from '@im/common/testing/client/socket.ts';
import type { SignedIn, WireMessage } from '@im/common/testing/client/wire.ts';
import { vi } from 'vitest';
import type { Product } from './product.ts';

/** A user on one signed-in device. */
export interface Person {
  readonly name: string;
  readonly uid: string;
  readonly signedIn: SignedIn;
  readonly sessionId: string;
  /** Speaks HTTP as this device. */
  readonly client: ImClient;
  /** Signs one more device in. */
  another(deviceId?: string): Promise<Person>;
  /** A socket of this device that has been welcomed. */
  socket(options?: Partial<SocketOptions>): Promise<ImSocket>;
  /** This device as a client that keeps a copy and repairs it. Close it. */
  device(options?: Pick<DeviceOptions, 'onEvent' | 'onPush'>): ImDevice;
  /** Sends a text over HTTP. */
  say(conversationId: string, text: string, clientMsgId?: string): Promise<WireMessage>;
}

/** Makes a user through the server API, which costs no password, unless there is one; signs a device in. */
export async function person(product: Product, name: string, known?: { uid: string }): Promise<Person> {
  const user = known ?? (await upsertUser(product.admin, `${name}-${randomUUID()}`, { nickname: name }));
  return signIn(product, name, user.uid, randomUUID());
}

/** Several at once, by name. */
export async function people<Name extends string>(
  product: Product,
  ...names: Name[]
): Promise<Record<Name, Person>> {
  const made = await Promise.all(names.map(async (name) => [name, await person(product, name)] as const));
  return Object.fromEntries(made) as Record<Name, Person>;
}

/** Makes two people friends; answers the id of their direct conversation once both may write there. */
export async function befriend(one: Person, other: Person): Promise<string> {
  await makeFriends(one, other);
  const conversationId = directConversation(one, other);
  // A busy server answers before chat-service has heard of it.
  await vi.waitFor(() => one.client.call('GET', `/v1/conversations/${conversationId}`), { timeout: 10_000 });
  return conversationId;
}

/** `s:<lower uid>:<higher uid>`, compared as numbers. */
export function directConversation(one: { uid: string }, other: { uid: string }): string {
  const [lower, higher] = [one.uid, other.uid].sort((a, b) => Number(a) - Number(b));
  return `s:${lower}:${higher}`;
}

/** A text as the content of a message. */
export function text(value: string): { text: { text: string } } {
  return { text: { text: value } };
}

/** The body of a send. */
export function messageOf(conversationId: string, value: string, clientMsgId: string = randomUUID()) {
  return { conversationId, clientMsgId, content: text(value) };
}

async function signIn(product: Product, name: string, uid: string, deviceId: string): Promise<Person> {
  const device = { deviceId, platform: 'WEB' as const, name: `${name}'s` };
  const signedIn = await issueTokens(product.admin, { uid, device });
  const { accessToken } = signedIn.tokens;
  const client = product.client.as(accessToken);
  return {
    name,
    uid,
    signedIn,
    sessionId: signedIn.session.sessionId,
    client,
    another: (another = randomUUID()) => signIn(product, name, uid, another),
    async socket(options) {
      const socket = await product.connect(options);
      await socket.hello(accessToken);
      return socket;
    },
    device: (options) =>
      createDevice({ client: product.client, socketUrl: product.server.wsUrl, signedIn, ...options }),
    async say(conversationId, value, clientMsgId) {
      const { conversationId: id, ...body } = messageOf(conversationId, value, clientMsgId);
      return (await client.call('POST', `/v1/conversations/${id}/messages`, body)).message;
    },
  };
}
