import { statSync } from 'node:fs';
import { openMysqlDatabase } from '@im/common/database/open-mysql.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { issueTokens, makeFriends, refreshTokens } from '@im/common/testing/client/accounts.ts';
import { createImClient, type ImClient } from '@im/common/testing/client/http.ts';
import type { WireMessage, WireRange, WireSync } from '@im/common/testing/client/wire.ts';
import { stackAddresses } from '@im/common/testing/stack-addresses.ts';
import { startTcpProxy } from '@im/common/testing/tcp-proxy.ts';
import { MODULES, openServer } from '@im/server';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createMigration, type Migration } from './support/migrated.ts';
import { befriend, directConversation, messageOf, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { createSchemaCopies, type SchemaCopies } from './support/schema-copies.ts';

/** Milliseconds for what starts a server of many parts. */
const PATIENCE_MS = 240_000;
/** Milliseconds until services have told one another everything. */
const TOLD = { timeout: 20_000 };

const stack = stackAddresses();

describe.skipIf(stack === undefined)('data of the one process on a cluster', () => {
  let product: Product;
  let migration: Migration;
  let copies: SchemaCopies;
  let dataDir: string;
  let who: Record<'ann' | 'bob' | 'carol' | 'dora', Person>;
  let direct: string;
  let group: string;
  /** What everybody saw of every conversation, and where their devices were. */
  let seen: Record<string, unknown>;
  let cursors: Record<string, string>;
  let secondSession: Person;
  let endedSession: Person;
  /** The cluster, once it runs. */
  let client: ImClient;
  let adminKey: string;

  const named = () => Object.values(who);
  const tokenOf = (person: Person) => person.signedIn.tokens.accessToken;
  const sync = (as: ImClient, cursor?: string) =>
    as.call<WireSync>('GET', `/v1/sync?limit=500${cursor === undefined ? '' : `&cursor=${cursor}`}`);

  async function allMessages(as: ImClient, conversationId: string): Promise<WireMessage[] | string> {
    const path = `/v1/conversations/${conversationId}/messages?fromSeq=1&limit=200`;
    return as.call<WireRange>('GET', path).then(
      ({ messages }) => messages,
      (error: { reason?: string }) => String(error.reason),
    );
  }

  /** Everything of everybody, by who reads what. */
  async function readAll(clientOf: (person: Person) => ImClient): Promise<Record<string, unknown>> {
    const read: Record<string, unknown> = {};
    for (const person of named()) {
      const as = clientOf(person);
      for (const id of [direct, group]) read[`${person.name} ${id}`] = await allMessages(as, id);
      const { conversations } = await sync(as);
      for (const { peer, ...conversation } of conversations.filter(isKnown)) {
        read[`${person.name} sync of ${conversation.conversationId}`] = conversation;
      }
      read[`${person.name} friends`] = (await as.call('GET', '/v1/friends')).friends.length;
      read[`${person.name} blocks`] = (await as.call('GET', '/v1/blocks')).blocks.length;
      read[`${person.name} sessions`] = (await as.call('GET', '/v1/sessions')).sessions.map(
        ({ sessionId, createdAt }: { sessionId: string; createdAt: string }) => [sessionId, createdAt],
      );
    }
    return read;
  }

  const isKnown = ({ conversationId }: { conversationId: string }) =>
    [direct, group].includes(conversationId);

  async function makeHistory(): Promise<void> {
    who = await people(product, 'ann', 'bob', 'carol', 'dora');
    const { ann, bob, carol, dora } = who;
    direct = await befriend(ann, bob);
    await befriend(ann, carol);
    const call = (person: Person, method: string, path: string, body?: unknown) =>
      person.client.call(method, path, body);
    for (let i = 1; i <= 10; i++) await ann.say(direct, `message ${i} 你好 🎉`, `m${i}`);
    const at = `/v1/conversations/${direct}/messages`;
    const { messages } = await call(bob, 'GET', `${at}?fromSeq=1&limit=200`);
    const seqs: number[] = messages.map(({ seq }: WireMessage) => seq);
    await call(ann, 'PATCH', `${at}/${seqs[1]}`, {
      clientMsgId: 'e1',
      content: { text: { text: 'edited' } },
    });
    await call(ann, 'POST', `${at}/${seqs[2]}/recall`, { clientMsgId: 'r1' });
    await call(bob, 'DELETE', `${at}/${seqs[3]}`);
    await call(bob, 'POST', `/v1/conversations/${direct}/read`, { seq: seqs[5] });
    await call(bob, 'PATCH', `/v1/conversations/${direct}`, { muted: true, pinned: true });
    const made = await call(ann, 'POST', '/v1/groups', {
      name: 'the group',
      memberUids: [bob.uid],
    });
    await call(ann, 'PATCH', `/v1/groups/${made.group.groupId}`, { historyPolicy: 'FROM_JOIN' });
    group = made.group.conversationId;
    const members = `/v1/groups/${made.group.groupId}/members`;
    await vi.waitFor(() => bob.say(group, 'before carol', 'g1'), TOLD);
    await call(ann, 'POST', members, { uids: [carol.uid] });
    await vi.waitFor(() => carol.say(group, 'carol is here', 'g2'), TOLD);
    await call(ann, 'DELETE', `${members}/${carol.uid}`);
    await call(ann, 'DELETE', `${members}/${bob.uid}`);
    await vi.waitFor(() => expect(bob.say(group, 'let me in')).rejects.toMatchObject({ code: 403 }), TOLD);
    await ann.say(group, 'without the two', 'g3');
    await call(ann, 'POST', members, { uids: [bob.uid] });
    await vi.waitFor(() => bob.say(group, 'bob is back', 'g4'), TOLD);
    await call(ann, 'PUT', `/v1/blocks/${dora.uid}`);
    secondSession = await ann.another();
    endedSession = await ann.another();
    await endedSession.client.call('POST', '/v1/logout', {});
    cursors = Object.fromEntries(
      await Promise.all(named().map(async ({ name, client: as }) => [name, (await sync(as)).cursor])),
    );
    await bob.say(direct, 'after the cursors', 'late');
    seen = await readAll(({ client: as }) => as);
  }

  /** Friends are made where chat-service is not there to be told. */
  async function befriendUnheard(): Promise<void> {
    const server = await openServer({
      dataDir,
      targets: ['user-service', 'auth-service', 'friend-service', 'api-gateway'],
      log: createLogger({ level: 'silent' }),
    });
    try {
      const as = createImClient(server.httpUrl);
      const one = { uid: who.carol.uid, client: as.as(tokenOf(who.carol)) };
      await vi.waitFor(() => makeFriends(one, { uid: who.bob.uid, client: as.as(tokenOf(who.bob)) }), TOLD);
    } finally {
      await server.stop();
    }
  }

  /** What is copied in part is refused, by chat-service as by all others. */
  async function refusesToStart(): Promise<void> {
    const { migrations } = MODULES.find(({ name }) => name === 'chat-service')!;
    const setting = migration.place.portsOf('chat-service').databases['chat-service'];
    if (setting?.engine !== 'mysql') throw new Error('the log of a cluster is in MySQL');
    const log = createLogger({ level: 'silent' });
    const opening = openMysqlDatabase({ url: setting.url, migrations: migrations!, now: Date.now, log });
    await expect(opening).rejects.toThrow(/0000-unfinished-copy-of-/);
  }

  beforeAll(async () => {
    product = await startProduct();
    dataDir = product.server.dataDir;
    migration = await createMigration(stack!);
    copies = createSchemaCopies(stack!.mysqlUrl, migration.place.name);
    await makeHistory();
    await product.server.stop();
    await befriendUnheard();
  }, PATIENCE_MS);

  afterAll(async () => {
    await migration?.remove();
    await copies?.remove();
    await product?.stop();
  }, PATIENCE_MS);

  test('what was broken off is gone on with; until it is whole no service starts on it', {
    timeout: PATIENCE_MS,
  }, async () => {
    const proxy = await startTcpProxy(new URL(stack!.mysqlUrl).host);
    const killed = migration.carry(dataDir, {
      mysqlServer: `mysql://${new URL(stack!.mysqlUrl).username}@${proxy.address}`,
      page: 1,
    });
    const isAt = () => killed.stdout.includes('copying chat-service event');
    const ended = async () => {
      await killed.exit();
      throw new Error(killed.stderr);
    };
    await Promise.race([vi.waitUntil(isAt, { timeout: PATIENCE_MS, interval: 5 }), ended()]);
    proxy.pause();
    killed.signal('SIGKILL');
    await killed.exit();
    await proxy.close();
    await refusesToStart();

    // What stands there by now is taken for copied; that it is another one is noticed.
    const [row] = await migration.query<{ conversation_id: string; head_at: number }>(
      'chat',
      'SELECT * FROM conversation ORDER BY conversation_id LIMIT 1',
    );
    const setHead = (at: number) =>
      migration.query(
        'chat',
        `UPDATE conversation SET head_at = ${at} WHERE conversation_id = '${row!.conversation_id}'`,
      );
    await setHead(row!.head_at + 1);
    const damaged = migration.carry(dataDir);
    expect(await damaged.exit()).toBe(1);
    expect(damaged.stdout).toContain(
      `differs: chat-service: conversation of ${row!.conversation_id}: 1 rows on both sides, with other content`,
    );
    expect(damaged.stdout.match(/^differs/gm)).toHaveLength(1);
    await refusesToStart();

    await setHead(row!.head_at);
    await migration.query('chat', "DELETE FROM message_key WHERE client_msg_id = 'm3'");
    const lacking = migration.carry(dataDir);
    expect(await lacking.exit()).toBe(1);
    expect(lacking.stdout).toMatch(
      new RegExp(`differs: chat-service: message_key of ${direct}: \\d+ rows here, \\d+ there`),
    );
    await migration.query('chat', 'DELETE FROM message_key');
    const whole = migration.carry(dataDir);
    expect(await whole.exit(), whole.stderr).toBe(0);
    expect(statSync(migration.envFile).mode & 0o777).toBe(0o600);

    const again = migration.carry(dataDir);
    expect(await again.exit()).toBe(1);
    expect(again.stderr).toMatch(/its schema is not empty/);
  });

  test('a cluster goes on where the one process stopped', { timeout: PATIENCE_MS }, async () => {
    ({ client, adminKey } = await migration.start());
    const { ann, bob, carol, dora } = who;
    const as = (person: Person) => client.as(tokenOf(person));

    // Everybody has what they had, a former member no more than that.
    const now = await readAll(as);
    delete seen[`bob friends`];
    delete seen[`carol friends`];
    for (const [what, before] of Object.entries(seen)) {
      expect(now[what], what).toEqual(before);
    }
    const texts = (await allMessages(as(carol), group)) as WireMessage[];
    expect(texts.map(({ content }) => content?.text?.text)).toEqual(['carol is here']);

    // A device goes on from its cursor, without a full sync.
    const page = await sync(as(ann), cursors.ann);
    expect(page.conversations.map(({ conversationId }) => conversationId)).toContain(direct);
    const here = page.conversations.find(({ conversationId }) => conversationId === direct)!;
    expect(here.events.map(({ message }) => message?.clientMsgId)).toEqual(['late']);

    // Sent before: the same message. Sent now: the next one.
    const again = await as(ann).call('POST', `/v1/conversations/${direct}/messages`, {
      ...bodyOf(messageOf(direct, 'message 5 你好 🎉', 'm5')),
    });
    const known = (seen[`ann ${direct}`] as WireMessage[]).find(({ clientMsgId }) => clientMsgId === 'm5');
    expect(again.message.seq).toBe(known!.seq);
    const reused = as(ann).call('POST', `/v1/conversations/${direct}/messages`, {
      ...bodyOf(messageOf(direct, 'another', 'm5')),
    });
    await expect(reused).rejects.toMatchObject({ reason: 'MESSAGE_ID_REUSED' });
    const head = here.events.at(-1)!.seq;
    const next = await as(bob).call('POST', `/v1/conversations/${direct}/messages`, {
      ...bodyOf(messageOf(direct, 'on the cluster')),
    });
    expect(next.message.seq).toBe(head + 1);

    // Told nobody yet when the process ended: told now.
    const unheard = directConversation(bob, carol);
    await vi.waitFor(
      () => as(bob).call('POST', `/v1/conversations/${unheard}/messages`, bodyOf(messageOf(unheard, 'hi'))),
      TOLD,
    );
    const blocked = directConversation(ann, dora);
    await expect(
      as(dora).call('POST', `/v1/conversations/${blocked}/messages`, bodyOf(messageOf(blocked, 'hi'))),
    ).rejects.toMatchObject({ code: 403 });

    // Tokens and their families.
    const renewed = await refreshTokens(client, secondSession.signedIn.tokens.refreshToken);
    await expect(client.as(renewed.accessToken).call('GET', '/v1/me')).resolves.toMatchObject({
      user: { uid: ann.uid },
    });
    await expect(as(endedSession).call('GET', '/v1/me')).rejects.toMatchObject({ code: 401 });
    const ended = refreshTokens(client, endedSession.signedIn.tokens.refreshToken);
    await expect(ended).rejects.toMatchObject({ code: 401 });
    await expect(client.as(adminKey).call('GET', '/v1/admin/api-keys')).resolves.toBeDefined();
  });

  test('a restored cluster goes on: the log is told again what it missed, and every client syncs afresh', {
    timeout: PATIENCE_MS,
  }, async () => {
    const { ann, bob, carol, dora } = who;
    const before = client;
    const as = (person: Person) => before.as(tokenOf(person));
    const send = (from: ImClient, id: string, text: string) =>
      from.call('POST', `/v1/conversations/${id}/messages`, bodyOf(messageOf(id, text)));
    const last = await send(as(ann), direct, 'before the backup');
    await copies.take('chat');
    const between = directConversation(carol, dora);
    await makeFriends({ uid: carol.uid, client: as(carol) }, { uid: dora.uid, client: as(dora) });
    await vi.waitFor(() => send(as(carol), between, 'gone with the log that had it'), TOLD);
    for (const service of ['friend', 'group', 'user']) await copies.take(service);
    const gone = await send(as(ann), direct, 'after the backup');
    expect(gone.message.seq).toBe(last.message.seq + 1);
    await as(carol).call('PUT', `/v1/blocks/${dora.uid}`);
    await vi.waitFor(
      () => expect(send(as(dora), between, 'blocked')).rejects.toMatchObject({ code: 403 }),
      TOLD,
    );
    const { cursor, epoch } = await sync(as(ann));

    const running = migration.afterRestore();
    expect(await running.exit()).toBe(1);
    expect(running.stderr).toMatch(/stop the services first/);

    await migration.stop();
    for (const service of ['friend', 'group', 'user']) await copies.putBack(service);
    const logIsLater = migration.afterRestore();
    expect(await logIsLater.exit()).toBe(1);
    expect(logIsLater.stderr).toMatch(/chat-service's copy is of a later time than that of friend-service/);

    await copies.putBack('chat');
    const done = migration.afterRestore();
    expect(await done.exit(), done.stderr).toBe(0);
    expect(done.stdout).toMatch(/friend-service: changes told to other services once more, of \d+ topics/);
    expect(done.stdout).toContain('chat-service: a new epoch');
    ({ client } = await migration.start());

    await expect(client.as(tokenOf(ann)).call('GET', '/v1/me')).rejects.toMatchObject({ code: 401 });
    const refused = refreshTokens(client, secondSession.signedIn.tokens.refreshToken);
    await expect(refused).rejects.toMatchObject({ code: 401 });
    const admin = client.as(adminKey);
    const signIn = async ({ uid, name }: Person) =>
      client.as(
        (await issueTokens(admin, { uid, device: { deviceId: name, platform: 'WEB' } })).tokens.accessToken,
      );
    const [ann2, bob2, carol2, dora2] = await Promise.all([ann, bob, carol, dora].map(signIn));

    // The cursor of before is not believed: everything comes, under another epoch.
    const page = await sync(ann2!, cursor);
    expect(page.epoch).not.toBe(epoch);
    const { conversation } = await ann2!.call('GET', `/v1/conversations/${direct}`);
    expect(conversation.headSeq).toBe(last.message.seq);
    const here = page.conversations.find(({ conversationId }) => conversationId === direct);
    expect(here).toMatchObject({ complete: true });
    expect((await send(bob2!, direct, 'in its place')).message.seq).toBe(last.message.seq + 1);
    // Friends since after the log's copy: it is told again. The block is of after all copies.
    await vi.waitFor(() => send(dora2!, between, 'friends all the same'), TOLD);
    await send(carol2!, between, 'indeed');
  });
});

function bodyOf({ clientMsgId, content }: ReturnType<typeof messageOf>) {
  return { clientMsgId, content };
}
