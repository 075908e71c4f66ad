import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { makeFriends, upsertUser } from '@im/common/testing/client/accounts.ts';
import { readManifest } from '@im/server/backup/manifest.ts';
import { takeBackup } from '@im/server/backup/take-backup.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Backups, createBackups } from './support/backups.ts';
import { befriend, directConversation, type Person, people, person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** Milliseconds until services have told one another everything, on a machine that does other things too. */
const TOLD = { timeout: 20_000 };

let product: Product;
let backups: Backups;
let to: string;
beforeEach(async () => {
  backups = createBackups();
  product = await startProduct();
  to = backups.path('backup');
});
afterEach(async () => {
  await product.stop();
  await backups.remove();
});

/** Takes a backup, and lets something happen right after each file is copied. */
async function backupWhile(happens: Partial<Record<string, () => Promise<unknown>>>): Promise<void> {
  const done: string[] = [];
  const { dataDir } = product.server;
  await takeBackup({
    dataDir,
    to,
    now: Date.now,
    async onFile({ name }) {
      await happens[name]?.();
      done.push(name);
    },
  });
  // An event that waits for a file which is not copied would never happen.
  expect(done).toEqual(expect.arrayContaining(Object.keys(happens)));
}

const says = (from: Person, conversationId: string) =>
  vi.waitFor(() => from.say(conversationId, 'hello'), TOLD);

test('what services did while the copies were made is told to the oldest copy again', async () => {
  const { ann, bob, carol, dave } = await people(product, 'ann', 'bob', 'carol', 'dave');
  const before = await befriend(ann, bob);
  const { group } = await ann.client.call('POST', '/v1/groups', {
    name: 'a group',
    memberUids: [bob.uid],
  });
  let late: { uid: string } = { uid: '' };
  await backupWhile({
    'chat-service.db': async () => {
      await makeFriends(ann, carol);
      await ann.client.call('DELETE', `/v1/groups/${group.groupId}/members/${bob.uid}`);
      late = await upsertUser(product.admin, 'late', { nickname: 'late' });
    },
    'friend-service.db': async () => {
      await makeFriends(bob, dave);
      await ann.client.call('POST', `/v1/groups/${group.groupId}/members`, { uids: [carol.uid] });
    },
  });
  const told = await backups.putBack(product, to);
  expect(told.join('\n')).toMatch(/friend-service: changes told to other services once more: \d+/);

  const again = async (who: { uid: string }) => person(product, 'again', who);
  const [ann2, bob2, carol2, dave2, late2] = await Promise.all([ann, bob, carol, dave, late].map(again));
  // Friends before: goes on. Friends after chat's copy, before friend-service's: healed.
  await says(ann2!, before);
  await says(ann2!, directConversation(ann, carol));
  // A user of after chat's copy can be written to.
  await vi.waitFor(
    () =>
      product.admin.call('POST', '/v1/admin/messages', {
        toUid: late2!.uid,
        clientMsgId: 'welcome',
        content: { text: { text: 'welcome' } },
      }),
    TOLD,
  );
  // The group's log is what the group says: Bob is out, Carol is in.
  await says(carol2!, group.conversationId);
  const members = await ann2!.client.call('GET', `/v1/groups/${group.groupId}/members`);
  expect(members.members.map(({ uid }: { uid: string }) => uid).sort()).toEqual([ann.uid, carol.uid].sort());
  await expect(bob2!.say(group.conversationId, 'let me in')).rejects.toMatchObject({ code: 403 });
  // What no copy has is gone everywhere alike: Bob and Dave can become friends again.
  await makeFriends(bob2!, dave2!);
  await says(bob2!, directConversation(bob, dave));
});

test('what is told after a restore is taken in its turn, also where chat-service had forgotten what came before', async () => {
  const { ann, bob } = await people(product, 'ann', 'bob');
  const conversationId = directConversation(ann, bob);
  await backupWhile({ 'chat-service.db': () => befriend(ann, bob) });
  await backups.putBack(product, to);
  const [ann2, bob2] = await Promise.all([person(product, 'ann', ann), person(product, 'bob', bob)]);
  // The block is the next version of a topic whose first one must come before it.
  await bob2.client.call('PUT', `/v1/blocks/${ann.uid}`);
  await vi.waitFor(async () => {
    await expect(ann2.say(conversationId, 'blocked')).rejects.toMatchObject({ reason: 'DIRECT_NOT_ALLOWED' });
    const { conversation } = await bob2.client.call('GET', `/v1/conversations/${conversationId}`);
    expect(conversation.headSeq).toBe(1);
  }, TOLD);
  await bob2.client.call('DELETE', `/v1/blocks/${ann.uid}`);
  await says(ann2, conversationId);
});

test('that sessions are to end is told again too, and ends no later one', async () => {
  const { ann } = await people(product, 'ann');
  await product.admin.call('POST', `/v1/admin/users/${ann.uid}/sign-out`, {});
  const later = await person(product, 'ann', ann);
  await backupWhile({});
  await backups.putBack(product, to, { keepSessions: true });
  const auth = product.server.client(AuthService, 'ws-gateway');
  await vi.waitFor(async () => {
    const { revoked } = await auth.listRevoked({});
    expect(revoked.map(({ sessionId }) => sessionId)).toEqual([ann.sessionId]);
  }, TOLD);
  // Signed in after that word was given, so it is not meant.
  await expect(later.client.call('GET', '/v1/me')).resolves.toMatchObject({ user: { uid: ann.uid } });
});

test('a backup that is given up leaves nothing', async () => {
  const giveUp = new AbortController();
  const taking = takeBackup({
    dataDir: product.server.dataDir,
    to,
    now: Date.now,
    signal: giveUp.signal,
    onFile: () => giveUp.abort(new Error('enough')),
  });
  await expect(taking).rejects.toThrow('enough');
  expect(existsSync(to)).toBe(false);
  expect(readdirSync(dirname(to))).toEqual([]);
});

test('a failure in the middle leaves nothing either, and the server goes on', async () => {
  const { ann, bob } = await people(product, 'ann', 'bob');
  const taking = takeBackup({
    dataDir: product.server.dataDir,
    to,
    now: Date.now,
    onFile: ({ name }) => {
      if (name === 'friend-service.db') throw new Error('the disk is full');
    },
  });
  await expect(taking).rejects.toThrow('the disk is full');
  expect(readdirSync(dirname(to))).toEqual([]);
  await says(ann, await befriend(ann, bob));
});

test('the copies come in the order in which services are told of changes', async () => {
  await backupWhile({});
  expect(readManifest(to).files.map(({ name }) => name)).toEqual([
    'chat-service.db',
    'friend-service.db',
    'group-service.db',
    'user-service.db',
    'auth-service.db',
    'keys.json',
    'admin.key',
  ]);
});
