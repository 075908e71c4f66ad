import { refreshTokens } from '@im/common/testing/client/accounts.ts';
import type { WireMessage, WireRange, WireSync } from '@im/common/testing/client/wire.ts';
import { readManifest } from '@im/server/backup/manifest.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Backups, createBackups } from './support/backups.ts';
import { befriend, messageOf, type Person, people, person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

/** Pairs of people who write all the time while the backup is taken. */
const PAIRS = 6;
/** Milliseconds for what takes some seconds where nothing else runs. */
const PATIENCE_MS = 90_000;
/** Messages of everybody before it begins. */
const BEFORE = 40;

let product: Product;
let backups: Backups;
beforeEach(async () => {
  backups = createBackups();
  product = await startProduct();
});
afterEach(async () => {
  await product.stop();
  await backups.remove();
});

const sync = (who: Person, cursor?: string) =>
  who.client.call<WireSync>('GET', `/v1/sync${cursor === undefined ? '' : `?cursor=${cursor}`}`);
/** What stays of a message, whatever is said after it. */
const asSent = ({ seq, clientMsgId, sentAt, content }: WireMessage) => ({
  seq,
  clientMsgId,
  sentAt,
  content,
});
const textOf = (message: WireMessage | undefined) => message?.content?.text?.text;

async function allMessages(who: Person, conversationId: string): Promise<WireMessage[]> {
  const messages: WireMessage[] = [];
  for (let from = 1; ; ) {
    const path = `/v1/conversations/${conversationId}/messages?fromSeq=${from}&limit=200`;
    const range = await who.client.call<WireRange>('GET', path);
    messages.push(...range.messages);
    if (range.toSeq < from) return messages;
    from = range.toSeq + 1;
  }
}

test('a backup under load holds everything acknowledged before it, without a hole, and the load goes on', {
  timeout: PATIENCE_MS,
}, async () => {
  const writers = await Promise.all(Array.from({ length: PAIRS }, startWriter));
  const fewest = () => Math.min(...writers.map(({ acked }) => acked.length));
  await vi.waitFor(() => expect(fewest()).toBeGreaterThan(BEFORE), { timeout: 20_000 });
  const before = writers.map(({ acked }) => [...acked]);
  const backup = await backups.take(product.server.dataDir);
  const during = writers.map(({ acked }, i) => acked.length - before[i]!.length);
  expect(Math.min(...during)).toBeGreaterThan(0);
  for (const writer of writers) await writer.stop();

  await backups.putBack(product, backup);
  for (const [i, { to, conversationId, acked }] of writers.entries()) {
    const again = await person(product, 'again', to);
    const held = await allMessages(again, conversationId);
    // Seq 1 is the friendship.
    expect(held.map(({ seq }) => seq)).toEqual(held.map((_, at) => at + 2));
    expect(held.length).toBeGreaterThanOrEqual(before[i]!.length);
    // What it holds is what was acknowledged, in that order, up to some point.
    const known = acked.slice(0, held.length).map(asSent);
    expect(held.slice(0, known.length).map(asSent)).toEqual(known);
  }
});

async function startWriter() {
  const { from, to } = await people(product, 'from', 'to');
  const conversationId = await befriend(from, to);
  const socket = await from.socket();
  const acked: WireMessage[] = [];
  let going = true;
  const writing = (async () => {
    for (let i = 0; going; i++) {
      acked.push((await socket.request('sendMessage', messageOf(conversationId, `message ${i}`))).message);
    }
  })();
  // Told by stop; a test that fails earlier has said enough.
  writing.catch(() => {});
  return {
    to,
    conversationId,
    acked,
    async stop() {
      going = false;
      await writing;
    },
  };
}

test('a device that has seen more than the backup holds drops its copy and goes on with the log as it is now', async () => {
  const { ann, bob } = await people(product, 'ann', 'bob');
  const conversationId = await befriend(ann, bob);
  await ann.say(conversationId, 'kept');
  const device = bob.device();
  try {
    await device.connect();
    const backup = await backups.take(product.server.dataDir);
    const before = readManifest(backup).epoch;
    expect(device.store.epoch).toBe(before);
    for (const lost of ['lost 1', 'lost 2', 'lost 3']) await ann.say(conversationId, lost);
    await device.waitFor((store) => store.conversation(conversationId).knownTo === 5);

    await backups.putBack(product, backup, { keepSessions: true });
    await device.waitFor(
      (store) => store.epoch !== before && store.conversation(conversationId).knownTo === 2,
    );
    // The seqs of what is lost are given again, to other messages.
    const said = await ann.say(conversationId, 'new');
    expect(said.seq).toBe(3);
    await device.waitFor((store) => store.conversation(conversationId).knownTo === 3);
    expect(device.store.conversation(conversationId).messages().map(textOf)).toEqual(['kept', 'new']);
    expect(await device.send(conversationId, 'answer')).toMatchObject({ seq: 4 });
    expect(device.ended).toBeUndefined();
  } finally {
    await device.close();
  }
});

test('an old cursor brings everything afresh; a device that was offline meanwhile converges', async () => {
  const { ann, bob } = await people(product, 'ann', 'bob');
  const conversationId = await befriend(ann, bob);
  await ann.say(conversationId, 'kept');
  const backup = await backups.take(product.server.dataDir);
  await ann.say(conversationId, 'lost');
  const { cursor, epoch } = await sync(bob);
  expect((await sync(bob, cursor)).conversations).toEqual([]);

  await backups.putBack(product, backup, { keepSessions: true });
  const said = await ann.say(conversationId, 'new');
  const page = await sync(bob, cursor);
  expect(page.epoch).not.toBe(epoch);
  const own = page.conversations.find((each) => each.conversationId === conversationId);
  expect(own).toMatchObject({ headSeq: said.seq, complete: true });
  expect(own?.events.map(({ message }) => textOf(message))).toEqual([undefined, 'kept', 'new']);
  // From the new cursor on it is as ever.
  expect((await sync(bob, page.cursor)).conversations).toEqual([]);
  await expect(product.client.call('GET', '/v1/config')).resolves.toMatchObject({ epoch: page.epoch });
});

test('nobody is signed in after a restore: what was revoked after the backup does not come back', async () => {
  const { ann } = await people(product, 'ann');
  const revoked = await ann.another();
  const used = await ann.another();
  const backup = await backups.take(product.server.dataDir);
  await ann.client.call('DELETE', `/v1/sessions/${revoked.sessionId}`);
  const next = await refreshTokens(product.client, used.signedIn.tokens.refreshToken);

  await backups.putBack(product, backup);
  for (const { signedIn } of [revoked, used, ann]) {
    const { accessToken, refreshToken } = signedIn.tokens;
    const me = product.client.as(accessToken).call('GET', '/v1/me');
    await expect(me).rejects.toMatchObject({ code: 401, reason: 'TOKEN_INVALID' });
    await expect(refreshTokens(product.client, refreshToken)).rejects.toMatchObject({
      code: 401,
      reason: 'SESSION_REVOKED',
    });
  }
  await expect(refreshTokens(product.client, next.refreshToken)).rejects.toMatchObject({ code: 401 });
  // Nothing else is lost: the same account signs in and is itself.
  const again = await person(product, 'ann', ann);
  await expect(again.client.call('GET', '/v1/me')).resolves.toMatchObject({ user: { uid: ann.uid } });
});
