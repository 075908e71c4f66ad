import { checkWithin } from '@im/common/testing/check-within.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { type GatewayStandIn, startGatewayStandIn } from '../testing/gateway-stand-in.ts';
import { createLogWorld, logOperation } from '../testing/log-operations.ts';
import { type PushedEvent, pushedTo } from '../testing/pushed-by-model.ts';
import { type SeenEvent, seenEvent } from '../testing/seen.ts';

/**
 * Whatever happens: the device of every person is pushed each event of the time
 * in which they were a member, once and in order, and nothing else; and text
 * only where they may see the message it is about.
 */

const RUNS = 40;
/** Fewer runs on a slow machine, and a counterexample rather than a timeout. */
const TIME_LIMIT_MS = 15_000;

let chat: Chat;
let gateway: GatewayStandIn;
let runs = 0;

beforeAll(async () => {
  chat = await startChat();
  gateway = startGatewayStandIn(chat.process);
});
afterAll(async () => {
  await gateway.stop();
  await chat.stop();
});

test('everybody is pushed what happens while they are there, and nothing else', {
  timeout: 120_000,
}, async () => {
  const operations = fc.array(logOperation, { minLength: 10, maxLength: 60, size: 'max' });
  await checkWithin(
    fc.asyncProperty(operations, async (steps) => {
      runs += 1;
      const world = createLogWorld(chat, runs);
      const devices = await Promise.all(world.uids.map((uid) => gateway.connect(uid)));
      await world.begin();
      for (const step of steps) await world.perform(step);
      for (const device of devices) {
        for (const { conversationId } of world.model.conversations()) {
          const expected = pushedTo(world.model, conversationId, device.uid);
          const pushed = () => device.events().filter((event) => event.conversationId === conversationId);
          await eventually(() => expect(pushed().length).toBeGreaterThanOrEqual(expected.length), 2);
          const shown = pushed().map((event) => {
            const { kind } = event;
            const seen: SeenEvent = seenEvent(event);
            return kind.case === 'message' ? { ...seen, text: textOf(kind.value) } : seen;
          });
          expectPushed(shown, expected);
        }
      }
    }),
    { runs: RUNS, timeMs: TIME_LIMIT_MS },
  );
});

function expectPushed(shown: readonly SeenEvent[], expected: readonly PushedEvent[]): void {
  expect(shown.map(({ seq }) => seq)).toEqual(expected.map(({ seq }) => seq));
  for (const [i, { mayShow, mustShow, text, ...event }] of expected.entries()) {
    const { text: shownText, ...rest } = shown[i]!;
    expect(rest).toEqual(event);
    if (mustShow || shownText !== undefined) expect(shownText).toBe(text);
    if (!mayShow) expect(shownText).toBeUndefined();
  }
}
