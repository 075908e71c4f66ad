import { createLocalBus } from '@im/common/bus/bus-local.ts';
import { HistoryPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, expect, test } from 'vitest';
import { type Chat, type ChatOptions, startChat } from '../testing/chat-fixture.ts';
import { type GatewayStandIn, startGatewayStandIn } from '../testing/gateway-stand-in.ts';

/** Groups of more than three members are large here. */
const SETTINGS = { largeGroupMembers: 3 };

let chat: Chat;
const gateways: GatewayStandIn[] = [];
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop();
  await chat.stop();
});

async function start(options: ChatOptions = {}): Promise<void> {
  chat = await startChat({ settings: SETTINGS, ...options });
}

function startGateway(bootId: string): GatewayStandIn {
  const gateway = startGatewayStandIn(chat.process, bootId);
  gateways.push(gateway);
  return gateway;
}

const asGateway = () => chat.client('ws-gateway');
const seqsOf = ({ groupEvents }: GatewayStandIn) => groupEvents.map(({ event }) => event!.seq);
const audienceOf = async (conversationId: string, sinceNo = 0n) => {
  const { audienceNo, sights } = await asGateway().listAudience({ conversationId, sinceNo });
  const spans = sights.map(({ uid, spans, clearedSeq }) => [
    uid,
    ...spans.map(({ fromSeq, toSeq }) => `${fromSeq}-${toSeq ?? ''}`),
    ...(clearedSeq > 0 ? [`cleared ${clearedSeq}`] : []),
  ]);
  return { audienceNo, spans };
};

test('from when it is large on, an event goes to every gateway once, without names', async () => {
  await start();
  const [one, two] = [startGateway('one'), startGateway('two')];
  const device = await one.connect('2');
  const g = await chat.makeGroup('1', ['1', '2', '3']);
  await chat.user('1').send(g, 'by name');
  await eventually(() => expect(device.events().map(({ seq }) => seq)).toEqual([2, 3]));

  await chat.addMembers(g, ['4']);
  const { seq } = await chat.user('1').send(g, 'to all of you');
  for (const gateway of [one, two]) await eventually(() => expect(seqsOf(gateway)).toEqual([4, seq]));
  const [joined, said] = one.groupEvents;
  expect([joined!.audienceNo, joined!.targetSeq]).toEqual([said!.audienceNo, 0]);
  expect(joined!.audienceNo).toBe((await audienceOf(g)).audienceNo);
  await chat.user('1').edit(g, seq, 'to all of us');
  await eventually(() => expect(one.groupEvents.at(-1)).toMatchObject({ targetSeq: seq }));

  // Smaller again, it stays what it was: who has left is still to be told apart from who is there.
  await chat.removeMembers(g, ['3', '4']);
  await chat.user('1').send(g, 'few are left');
  await eventually(() => expect(seqsOf(two)).toEqual([4, 5, 6, 7, 8]));
  expect(device.events()).toHaveLength(2);
});

test('who may see what is told as it changes', async () => {
  await start();
  const g = await chat.makeGroup('1', ['1', '2', '3', '4']);
  const all = await audienceOf(g);
  expect(all.spans).toEqual([
    ['1', '1-'],
    ['2', '1-'],
    ['3', '1-'],
    ['4', '1-'],
  ]);
  const { seq } = await chat.user('1').send(g, 'hello');
  expect(await audienceOf(g, all.audienceNo)).toEqual({ audienceNo: all.audienceNo, spans: [] });

  await chat.removeMembers(g, ['2']);
  await chat.addMembers(g, ['5'], { history: HistoryPolicy_Value.FROM_JOIN });
  const later = await audienceOf(g, all.audienceNo);
  expect(later.audienceNo).toBeGreaterThan(all.audienceNo);
  expect(later.spans).toEqual([
    ['2', `1-${seq + 1}`],
    ['5', `${seq + 2}-`],
  ]);

  await chat.user('3').update(g, { clearedSeq: seq });
  const cleared = await audienceOf(g, later.audienceNo);
  expect(cleared.audienceNo).toBeGreaterThan(later.audienceNo);
  expect(cleared.spans).toEqual([['3', '1-', `cleared ${seq}`]]);
  await chat.addMembers(g, ['2'], { history: HistoryPolicy_Value.FROM_JOIN });
  expect((await audienceOf(g, cleared.audienceNo)).spans).toEqual([['2', `1-${seq + 1}`, `${seq + 3}-`]]);
});

test('of a very large group it is told page by page, each member once and whole', async () => {
  await start();
  const g = await chat.makeGroup('1', ['1']);
  const uids = Array.from({ length: 5_200 }, (_, i) => String(1_000_000 + i));
  for (let at = 0; at < uids.length; at += 200) await chat.addMembers(g, uids.slice(at, at + 200));
  // Two spans each, so that the end of a page falls between them.
  const twice = uids.slice(0, 200);
  await chat.removeMembers(g, twice);
  await chat.addMembers(g, twice, { history: HistoryPolicy_Value.FROM_JOIN });
  const told: string[] = [];
  let pages = 0;
  for (let afterUid = ''; pages === 0 || afterUid !== ''; pages++) {
    const page = await asGateway().listAudience({ conversationId: g, afterUid });
    for (const { uid, spans } of page.sights) {
      expect(spans).toHaveLength(twice.includes(uid) ? 2 : 1);
      told.push(uid);
    }
    afterUid = page.nextUid;
  }
  expect(pages).toBe(2);
  expect(told).toEqual(['1', ...uids]);
});

test('a user’s large groups are those they are in now', async () => {
  await start();
  const large = await chat.makeGroup('1', ['1', '2', '3', '4']);
  const left = await chat.makeGroup('2', ['1', '2', '3', '4']);
  await chat.makeGroup('3', ['1', '2', '3']);
  await chat.removeMembers(left, ['2']);
  const { groups, epoch } = await asGateway().listLargeGroups({ uid: '2' });
  expect(epoch).toBe((await asGateway().getStore({})).epoch);
  expect(groups).toMatchObject([{ conversationId: large, sight: { uid: '2', spans: [{ fromSeq: 1 }] } }]);
  expect((await asGateway().listLargeGroups({ uid: '1' })).groups).toHaveLength(2);
  expect((await asGateway().listLargeGroups({ uid: '9' })).groups).toEqual([]);
});

test('a gateway that is there later may have missed some, and is shown so at once', async () => {
  await start();
  const known = startGateway('known');
  const g = await chat.makeGroup('1', ['1', '2', '3', '4']);
  await chat.user('1').send(g, 'hello');
  await eventually(() => expect(seqsOf(known)).not.toEqual([]));
  const later = startGateway('later');
  await eventually(() => expect(later.numbers).toEqual([2]));
  const { seq } = await chat.user('1').send(g, 'hello, you too');
  await eventually(() => expect(seqsOf(later)).toEqual([seq]));
  expect(known.numbers).toEqual(known.numbers.map((_, i) => i + 1));
});

test('what comes late from the store names nobody either', async () => {
  const local = createLocalBus();
  let down = false;
  const publish: typeof local.publish = async (records) => {
    if (down) throw new Error('no bus');
    await local.publish(records);
  };
  await start({ bus: { ...local, publish } });
  const gateway = startGateway('gateway');
  const g = await chat.makeGroup('1', ['1', '2', '3', '4']);
  down = true;
  const { seq } = await chat.user('1').send(g, 'past the bus, and by it later');
  await eventually(() => expect(seqsOf(gateway)).toContain(seq));
  down = false;
  chat.clock.advance(60_000);
  await eventually(() => expect(seqsOf(gateway).filter((each) => each === seq)).toHaveLength(2));
  expect(gateway.groupEvents.at(-1)!.audienceNo).toBe((await audienceOf(g)).audienceNo);
});
