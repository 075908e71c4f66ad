import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServiceTokenIssuer } from '@im/common/identity/service-tokens.ts';
import { issueTokens, makeFriends, upsertUser } from '@im/common/testing/client/accounts.ts';
import { createDevice } from '@im/common/testing/client/device.ts';
import { createImClient } from '@im/common/testing/client/http.ts';
import { createTurnsClient } from '@im/common/testing/client/http-turns.ts';
import type { SignedIn } from '@im/common/testing/client/wire.ts';
import { type ClusterNames, makeClusterNames } from '@im/common/testing/cluster/cluster-names.ts';
import {
  type ServiceProcesses,
  startServiceProcesses,
} from '@im/common/testing/cluster/service-processes.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { untilTrue } from '@im/common/testing/until-true.ts';
import { directConversationId } from '@im/common/utils/conversation-id.ts';
import { delay } from '@im/common/utils/wait.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reflectedClient } from '../support/reflected-client.ts';
import { etcdRange } from './etcd-range.ts';

const stack = stackAddresses();
const START_MS = 240_000;
/** How long a dead instance may still be found. */
const GONE_WITHIN_MS = 12_000;
/** Less than until etcd finds it gone: senders must not wait for that. Milliseconds. */
const SENT_WITHIN_MS = 6_000;
/** Milliseconds between two calls of a caller. */
const PACE_MS = 20;

describe.skipIf(stack === undefined)('instances that are found through etcd', () => {
  let folder = '';
  let names: ClusterNames;
  let services: ServiceProcesses;
  const people: SignedIn[] = [];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'im-discovery-'));
    names = await makeClusterNames(stack!);
    services = await startServiceProcesses({ names, instances: 2, folder });
    const { httpUrls, environment } = services;
    const admin = createTurnsClient({ urls: httpUrls, bearer: environment.adminKey });
    for (const name of ['ann', 'bob']) {
      const { uid } = await upsertUser(admin, name, { nickname: name });
      people.push(await issueTokens(admin, { uid, device: { deviceId: 'one', platform: 'BOT' } }));
    }
    const [ann, bob] = people.map(({ user, tokens }) => ({
      uid: user.uid,
      client: admin.as(tokens.accessToken),
    }));
    await makeFriends(ann!, bob!);
  }, START_MS);
  afterAll(async () => {
    await services?.killAll();
    await names?.remove();
    rmSync(folder, { recursive: true, force: true });
  }, START_MS);

  const registered = (key: string) => etcdRange(stack!.etcdHosts.split(',')[0]!, `${names.name}/${key}/`);

  /** The addresses of user-service; there are two as soon as both are up. */
  async function addresses(): Promise<string[]> {
    await untilTrue(async () => (await registered('user.rpc')).size === 2);
    return [...(await registered('user.rpc')).values()];
  }

  test('each is under <service>.rpc/<lease>, as go-zero writes it', async () => {
    for (const key of ['user.rpc', 'auth.rpc', 'friend.rpc', 'group.rpc', 'chat.rpc', 'ws.rpc']) {
      await untilTrue(async () => (await registered(key)).size === 2);
      for (const [name, address] of await registered(key)) {
        expect(name).toMatch(new RegExp(`^${names.name}/${key}/\\d+$`));
        expect(address).toMatch(/^[\d.]+:\d+$/);
      }
    }
  });

  test('a client that knows only etcd, reflection and a service token calls GetUser', async () => {
    const { uid } = people[0]!.user;
    const { privateKey } = services.environment.keys['chat-service'];
    const issuer = createServiceTokenIssuer({ service: 'chat-service', privateKey, now: Date.now });
    const token = await issuer.token('user-service');
    for (const address of await addresses()) {
      const client = reflectedClient(address);
      try {
        expect(await client.services()).toContain('im.user.v1.UserService');
        const getUser = (metadata?: Record<string, string>) =>
          client.call('im.user.v1.UserService', 'GetUser', { uid }, metadata);
        expect(await getUser({ 'im-service-token': token })).toMatchObject({
          user: { uid, nickname: 'ann' },
        });
        await expect(getUser()).rejects.toThrow(/UNAUTHENTICATED/);
      } finally {
        client.close();
      }
    }
  });

  test('one that is killed is gone from etcd within 12 s, and callers of what may be repeated see nothing', {
    timeout: 60_000,
  }, async () => {
    await addresses();
    const over = new AbortController();
    const calling = services.httpUrls.map(async (url) => {
      const client = createImClient(url, people[0]!.tokens.accessToken);
      let calls = 0;
      for (; !over.signal.aborted; calls++) {
        await client.call('GET', `/v1/users/${people[1]!.user.uid}`);
        await delay(PACE_MS);
      }
      return calls;
    });
    const victim = services.of('user-service')[0]!;
    await victim.kill();
    const killedAt = performance.now();
    await untilTrue(async () => (await registered('user.rpc')).size === 1);
    const goneAfter = performance.now() - killedAt;
    over.abort();
    for (const calls of await Promise.all(calling)) expect(calls).toBeGreaterThan(0);
    expect(goneAfter).toBeLessThan(GONE_WITHIN_MS);
    await victim.start();
  });

  test('sends go on through the other instance of chat-service at once', { timeout: 60_000 }, async () => {
    await untilTrue(async () => (await registered('chat.rpc')).size === 2);
    const [ann, bob] = people as [SignedIn, SignedIn];
    const client = createTurnsClient({ urls: services.httpUrls });
    const device = createDevice({ client, socketUrl: services.wsUrls[0]!, signedIn: ann });
    await device.connect();
    const conversations = [directConversationId(ann.user.uid, bob.user.uid), ...(await groupsOf(ann))];
    const over = new AbortController();
    const sending = conversations.map(async (conversationId) => {
      let longest = 0;
      for (let count = 0; !over.signal.aborted; count++) {
        const sentAt = performance.now();
        await device.send(conversationId, `number ${count}`);
        longest = Math.max(longest, performance.now() - sentAt);
        await delay(PACE_MS);
      }
      return longest;
    });
    // Half of the conversations prefer either of them, so whichever it is has some.
    const victim = services.of('chat-service')[0]!;
    await victim.kill();
    await untilTrue(async () => (await registered('chat.rpc')).size === 1);
    over.abort();
    const longest = Math.max(...(await Promise.all(sending)));
    await device.close();
    expect(longest).toBeLessThan(SENT_WITHIN_MS);
    await victim.start();
  });

  /** So many groups of hers alone that any instance has some to write. */
  async function groupsOf({ tokens }: SignedIn): Promise<string[]> {
    const client = createImClient(services.httpUrls[0]!, tokens.accessToken);
    const made = Array.from({ length: 8 }, (_, number) =>
      client.call('POST', '/v1/groups', { name: `group ${number}`, memberUids: [people[1]!.user.uid] }),
    );
    return (await Promise.all(made)).map(({ group }) => group.conversationId);
  }
});
