import type { Bus, BusFollower } from '@im/common/bus/bus.ts';
import { createLocalBus } from '@im/common/bus/bus-local.ts';
import type { DeviceLocations } from '@im/common/presence/device-locations.ts';
import { createMemoryDeviceLocations } from '@im/common/presence/device-locations-memory.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, expect, test } from 'vitest';
import { type Chat, type ChatOptions, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import {
  type GatewayStandIn,
  startGatewayStandIn,
  type TestConnection,
} from '../testing/gateway-stand-in.ts';
import { openSharedDatabase, type SharedDatabase } from '../testing/shared-database.ts';

/** What may be lost on the way to a device is noticed there: never silence. */

let chat: Chat;
let shared: SharedDatabase | undefined;
const gateways: GatewayStandIn[] = [];

afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop();
  await chat.stop();
  await shared?.remove();
  shared = undefined;
});

async function start(options: ChatOptions = {}): Promise<string> {
  chat = await startChat(options);
  await chat.openAccount('1', '2', '3');
  return chat.befriend('1', '2');
}

function startGateway(bootId?: string): GatewayStandIn {
  const gateway = startGatewayStandIn(chat.process, bootId);
  gateways.push(gateway);
  return gateway;
}

const seqs = (connection: TestConnection) => connection.events().map(({ seq }) => seq);

function gapIn(numbers: readonly number[]): boolean {
  return numbers.some((number, i) => number > (numbers[i - 1] ?? 0) + 1);
}

test('a gateway that does not take pushes within a second is skipped, and sees it by the numbers', async () => {
  const id = await start();
  const stuck = startGateway('stuck');
  const good = startGateway('good');
  const onStuck = await stuck.connect('1');
  const onGood = await good.connect('1');
  stuck.hold();
  let sent = 1;
  // Sends until the stuck gateway's stream was given up and a new one opened.
  await eventually(async () => {
    await chat.user('2').send(id, 'hello');
    sent += 1;
    expect(stuck.streams).toBeGreaterThan(1);
  }, 20);
  const all = Array.from({ length: sent - 1 }, (_, i) => i + 2);
  await eventually(() => expect(seqs(onGood)).toEqual(all));
  expect(gapIn(good.numbers)).toBe(false);
  expect(seqs(onStuck)).toEqual([]);

  stuck.release();
  const { seq } = await chat.user('2').send(id, 'and then');
  await eventually(() => expect(seqs(onStuck)).toContain(seq));
  expect(gapIn(stuck.numbers)).toBe(true);
});

test('pushes to a gateway are numbered without a gap as long as nothing is lost', async () => {
  const id = await start();
  const gateway = startGateway();
  const device = await gateway.connect('1');
  for (let i = 0; i < 20; i++) await chat.user('2').send(id, 'hello');
  await eventually(() => expect(seqs(device)).toHaveLength(20));
  expect(gateway.numbers).toEqual(gateway.numbers.map((_, i) => i + 1));
  expect(gateway.streams).toBe(1);
});

test('a gateway that was away for a moment is shown the gap without another push', async () => {
  const id = await start();
  const before = startGateway('gateway');
  await before.connect('1');
  await chat.user('2').send(id, 'hello');
  await eventually(() => expect(before.numbers).toEqual([1]));
  await before.stop();
  await chat.user('2').send(id, 'lost');
  const after = startGateway('gateway');
  await eventually(() => expect(after.numbers[0]).toBeGreaterThan(2));
});

test('a gateway that was off the list has its devices sync once it is back, though nothing went to it meanwhile', async () => {
  const id = await start();
  const before = startGateway('gateway');
  const device = await before.connect('1');
  await chat.user('2').send(id, 'hello');
  await eventually(() => expect(before.numbers).toEqual([1]));
  await before.stop();
  // As the locations in Redis do where a gateway is not on the list.
  await device.close();
  await chat.user('2').send(id, 'not found');
  const after = startGateway('gateway');
  await eventually(() => expect(gapIn([...before.numbers, ...after.numbers])).toBe(true));
});

test('while devices cannot be found every gateway is shown a gap, also one that comes later', async () => {
  const locations = createMemoryDeviceLocations();
  let broken = false;
  const find: DeviceLocations['find'] = async (uids) => {
    if (broken) throw new Error('no presence');
    return locations.find(uids);
  };
  const id = await start({ locations: { ...locations, find } });
  const known = startGateway('known');
  const device = await known.connect('1');
  await chat.user('2').send(id, 'hello');
  await eventually(() => expect(seqs(device)).toEqual([2]));
  broken = true;
  await chat.user('2').send(id, 'lost');
  await eventually(() => expect(gapIn(known.numbers)).toBe(true));
  broken = false;
  const later = startGateway('later');
  const newDevice = await later.connect('1');
  await chat.user('2').send(id, 'found again');
  await eventually(() => expect([seqs(device), seqs(newDevice)]).toEqual([[2, 4], [4]]));
  expect(gapIn(later.numbers)).toBe(true);
});

test('when the bus may have lost records every gateway sees a gap, those not spoken to yet as well', async () => {
  const local = createLocalBus();
  let follower: BusFollower | undefined;
  const bus: Bus = {
    ...local,
    subscribe(group, given) {
      follower = given;
      return local.subscribe(group, given);
    },
  };
  const id = await start({ bus });
  const known = startGateway('known');
  const device = await known.connect('1');
  await chat.user('2').send(id, 'hello');
  await eventually(() => expect(known.numbers).toEqual([1]));
  const unknown = startGateway('unknown');
  follower?.lost();
  await eventually(() => expect([gapIn(known.numbers), gapIn(unknown.numbers)]).toEqual([true, true]));
  await chat.user('2').send(id, 'and on');
  await eventually(() => expect(seqs(device)).toEqual([2, 3]));
});

test('a change that cannot be read holds up no events, and its devices are told to sync', async () => {
  shared = await openSharedDatabase();
  const { database } = shared;
  let broken = false;
  const snapshot: typeof database.snapshot = (work) =>
    broken ? Promise.reject(new Error('no disk')) : database.snapshot(work);
  const id = await start({ database: { ...database, snapshot } });
  const gateway = startGateway();
  const own = await gateway.connect('1');
  const others = await gateway.connect('2');
  broken = true;
  // In one batch, so that they come over the bus together.
  await Promise.all([
    chat.user('2').send(id, 'before'),
    chat.user('1').markRead(id, 1),
    chat.user('2').send(id, 'behind'),
  ]);
  await eventually(() =>
    expect([seqs(own), seqs(others)]).toEqual([
      [2, 3],
      [2, 3],
    ]),
  );
  await eventually(() => expect(own.framesOf('resync')).toHaveLength(1));
  expect(others.framesOf('resync')).toEqual([]);
  broken = false;
  await chat.user('2').send(id, 'afterwards');
  await eventually(() => expect(seqs(own)).toEqual([2, 3, 4]));
});

test('an offline cache that fails holds up nothing', async () => {
  const id = await start({
    offlineCache: {
      append: async () => {
        throw new Error('no cache');
      },
      read: async () => undefined,
    },
  });
  const device = await startGateway().connect('1');
  for (const text of ['one', 'two']) await chat.user('2').send(id, text);
  await eventually(() => expect(seqs(device)).toEqual([2, 3]));
});

test('the service stops although a gateway takes nothing', async () => {
  const id = await start();
  const gateway = startGateway();
  await gateway.connect('1');
  gateway.hold();
  await chat.user('2').send(id, 'hello');
  await eventually(() => expect(gateway.streams).toBe(1));
  await chat.restart();
});

test('what comes late from the store is what was sent, for a former member nothing newer', async () => {
  const local = createLocalBus();
  let down = false;
  const bus: Bus = {
    ...local,
    publish: async (records) => {
      if (down) throw new Error('no bus');
      await local.publish(records);
    },
  };
  await start({ bus });
  const group = await chat.makeGroup('1', ['1', '3']);
  down = true;
  await chat.user('1').send(group, 'all of us');
  await chat.removeMembers(group, ['3']);
  await chat.user('1').edit(group, 3, 'behind their back');
  await chat.user('1').send(group, 'among us');
  // Connects only now, so that all it gets comes from the store.
  const former = await startGateway().connect('3');
  down = false;
  // What was left behind is published from the store after 5 s of the service's clock.
  await eventually(() => {
    chat.clock.advance(5_000);
    // The record that the bus was tried with comes once more.
    expect(seqs(former)).toEqual([3, 3, 4]);
  }, 100);
  for (const message of former.events().slice(0, 2)) {
    expect(message.kind.case === 'message' && textOf(message.kind.value)).toBe('all of us');
    expect(message.kind.case === 'message' && message.kind.value.asOfSeq).toBe(3);
  }
});
