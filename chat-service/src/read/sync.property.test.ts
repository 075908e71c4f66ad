import { checkWithin } from '@im/common/testing/check-within.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import type { ChatUser } from '../testing/chat-user.ts';
import { createLogWorld, type LogOperation, type LogWorld, logOperation } from '../testing/log-operations.ts';
import { noOfflineCache } from '../testing/no-offline-cache.ts';
import {
  type SeenConversation,
  type SeenMessage,
  seenEvent,
  seenMessage,
  seenSummary,
} from '../testing/seen.ts';
import { type EntitledConversation, entitledTo } from '../testing/seen-by-model.ts';
import { createSyncedDevice, type SyncedDevice } from '../testing/synced-device.ts';

/**
 * Whatever happens, and wherever between the pages of a sync it happens: in the
 * end every device holds exactly what its user is entitled to, which is what a
 * new device gets, what history answers, and what the model says.
 */

const RUNS = 40;
/** Fewer runs on a slow machine, and a counterexample rather than a timeout. */
const TIME_LIMIT_MS = 20_000;
const DEVICES_PER_PERSON = 2;

interface PageOperation {
  readonly kind: 'page';
  readonly device: number;
  readonly limit: number | undefined;
}

const page: fc.Arbitrary<PageOperation> = fc.record({
  kind: fc.constant('page' as const),
  device: fc.nat(99),
  limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(undefined)),
});
const operations = fc.array(
  fc.oneof({ weight: 3, arbitrary: logOperation as fc.Arbitrary<LogOperation | PageOperation> }, page),
  { minLength: 10, maxLength: 90, size: 'max' },
);

let chat: Chat;
let runs = 0;

beforeAll(async () => {
  chat = await startChat({ offlineCache: noOfflineCache });
});
afterAll(() => chat.stop());

test('every device ends up with what its user is entitled to', { timeout: 120_000 }, async () => {
  await checkWithin(
    fc.asyncProperty(operations, fc.integer({ min: 1, max: 7 }), async (steps, limit) => {
      runs += 1;
      const world = createLogWorld(chat, runs);
      await world.begin();
      const devices = world.uids.flatMap((uid) =>
        Array.from({ length: DEVICES_PER_PERSON }, () => createSyncedDevice(chat.user(uid))),
      );
      for (const step of steps) {
        if (step.kind === 'page') await devices[step.device % devices.length]!.syncPage(step.limit);
        else await world.perform(step);
      }
      for (const device of devices) {
        await device.sync(limit);
        await expectEntitled(device, world);
      }
      for (const uid of world.uids) {
        const fresh = createSyncedDevice(chat.user(uid));
        await fresh.sync();
        await expectEntitled(fresh, world, { fresh: true });
        await expectHistory(chat.user(uid), world, limit);
        await expectList(chat.user(uid), world);
      }
    }),
    { runs: RUNS, timeMs: TIME_LIMIT_MS },
  );
});

async function expectEntitled(
  device: SyncedDevice,
  { model }: LogWorld,
  { fresh = false } = {},
): Promise<void> {
  const expected = model.conversations().flatMap(({ conversationId }) => {
    return entitledTo(model, conversationId, device.uid) ?? [];
  });
  expect(device.conversationIds().sort()).toEqual(
    expected.map(({ summary }) => summary.conversationId).sort(),
  );
  for (const entitled of expected) {
    const { conversationId } = entitled.summary;
    const held = device.seen(conversationId)!;
    if (fresh) expect(held).toEqual(plain(entitled));
    else
      expect(withoutUnseenRecalls(held, entitled)).toEqual(withoutUnseenRecalls(plain(entitled), entitled));
    const hidden = model.find(conversationId)!.members.get(device.uid)!.hidden;
    expect(device.hidden(conversationId)).toEqual([...hidden].sort((a, b) => a - b));
  }
}

async function expectHistory(user: ChatUser, { model }: LogWorld, limit: number): Promise<void> {
  for (const { conversationId, events } of model.conversations()) {
    const entitled = entitledTo(model, conversationId, user.uid);
    if (!entitled) {
      await expect(user.messages(conversationId)).rejects.toThrow('no such conversation');
      continue;
    }
    const held: SeenConversation = { ...plain(entitled), messages: [], events: [] };
    for (let fromSeq = 1; fromSeq <= entitled.summary.headSeq; ) {
      const range = await user.messages(conversationId, { fromSeq, toSeq: events.length + 5, limit });
      expect(range.fromSeq).toBe(fromSeq);
      expect(range.toSeq).toBeGreaterThanOrEqual(fromSeq);
      held.messages.push(...range.messages.map(seenMessage));
      held.events.push(...range.events.map(seenEvent));
      fromSeq = range.toSeq + 1;
    }
    expect(held).toEqual(plain(entitled));
    expect(seenSummary(await user.conversation(conversationId))).toEqual(entitled.summary);
  }
}

async function expectList(user: ChatUser, { model }: LogWorld): Promise<void> {
  const expected = model.conversations().flatMap(({ conversationId }) => {
    return entitledTo(model, conversationId, user.uid)?.summary ?? [];
  });
  const listed = (await user.conversations()).map(seenSummary);
  expect(listed).toEqual(
    expected
      .filter(({ kind }) => kind !== 'NOTICE')
      .sort((a, b) => order(b.updatedAt, a.updatedAt) || order(a.conversationId, b.conversationId)),
  );
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function plain({ summary, messages, events }: EntitledConversation): SeenConversation {
  return { summary, messages, events };
}

/** A device that was not there for a recall goes on showing what it holds; all else must be equal. */
function withoutUnseenRecalls(seen: SeenConversation, { recalledUnseen }: EntitledConversation): unknown {
  const blank = (message: SeenMessage | undefined) =>
    message && recalledUnseen.has(message.seq) ? { seq: message.seq } : message;
  return {
    summary: { ...seen.summary, lastMessage: blank(seen.summary.lastMessage) },
    messages: seen.messages.map(blank),
    events: seen.events.map((event) =>
      recalledUnseen.has(event.targetSeq ?? 0) ? { ...event, text: undefined } : event,
    ),
  };
}
