import { createMemoryDeviceLocations } from '@im/common/presence/device-locations-memory.ts';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectionsOf, messagePush, openDelivery } from '../testing/deliver.ts';
import type { TestSocket } from '../testing/socket-client.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

describe.each(PROTOCOLS)('%s', (protocol) => {
  const start: typeof startGateway = (settings, options) => startGateway(settings, { protocol, ...options });

  const resyncsOf = ({ frames }: TestSocket) => frames.filter((frame) => frame.resync !== undefined).length;

  describe('pushes', () => {
    let gateway: TestGateway;

    beforeAll(async () => {
      gateway = await start();
    });
    afterAll(() => gateway.stop());

    test('an event reaches the sockets it is for, and no other', async () => {
      const phone = await gateway.join('1');
      const tablet = await gateway.join('1');
      const other = await gateway.join('2');
      const delivery = openDelivery(gateway, 'events');
      await delivery.deliver(1, messagePush(await connectionsOf(gateway, '1'), 5, 'hi'));
      for (const socket of [phone, tablet]) {
        const { events } = await socket.waitFor((frame) => frame.events);
        expect(events.events).toMatchObject([
          { conversationId: 's:1:2', seq: 5, message: { seq: 5, content: { text: { text: 'hi' } } } },
        ]);
      }
      await other.ask({ ping: {} });
      expect(other.frames.some((frame) => frame.events)).toBe(false);
      await delivery.end();
    });

    test('the other kinds of pushes are shown as they are', async () => {
      const socket = await gateway.join('3');
      const connectionIds = await connectionsOf(gateway, '3');
      const delivery = openDelivery(gateway, 'kinds');
      await delivery.deliver(
        1,
        { connectionIds, frame: { case: 'readMark', value: { conversationId: 'g:1', uid: '2', seq: 4 } } },
        { connectionIds, frame: { case: 'typing', value: { conversationId: 'g:1', uid: '2' } } },
        { connectionIds, frame: { case: 'changed', value: { sessions: true } } },
        { connectionIds, frame: { case: 'resync', value: {} } },
      );
      await socket.waitFor((frame) => frame.resync);
      expect(socket.frames.slice(1)).toEqual([
        { readMark: { conversationId: 'g:1', uid: '2', seq: 4 } },
        { typing: { conversationId: 'g:1', uid: '2' } },
        { changed: { conversations: [], hidden: [], sessions: true } },
        { resync: {} },
      ]);
      await delivery.end();
    });

    test('connections that are not here are passed over', async () => {
      const socket = await gateway.join('4');
      const delivery = openDelivery(gateway, 'unknown');
      await delivery.deliver(1, messagePush(['gone', ...(await connectionsOf(gateway, '4'))], 1));
      await socket.waitFor((frame) => frame.events);
      await delivery.end();
    });

    test('a delivery that is repeated is taken and not shown again', async () => {
      const socket = await gateway.join('5');
      const delivery = openDelivery(gateway, 'repeated');
      const connectionIds = await connectionsOf(gateway, '5');
      await delivery.deliver(1, messagePush(connectionIds, 1));
      await delivery.deliver(1, messagePush(connectionIds, 1));
      await delivery.deliver(2, messagePush(connectionIds, 2));
      await socket.waitFor((frame) => frame.events?.events[0].seq === 2);
      expect(socket.frames.filter((frame) => frame.events)).toHaveLength(2);
      expect(resyncsOf(socket)).toBe(0);
      await delivery.end();
    });
  });

  describe('what may have been lost', () => {
    let gateway: TestGateway;

    afterEach(() => gateway.stop());

    test('a gap in the numbers makes every socket resync, once in ten seconds', async () => {
      gateway = await start();
      const sockets = [await gateway.join('1'), await gateway.join('2')];
      const delivery = openDelivery(gateway);
      await delivery.deliver(1);
      await delivery.deliver(3);
      for (const socket of sockets) await socket.waitFor((frame) => frame.resync);
      await delivery.deliver(5);
      for (const socket of sockets) {
        await socket.ask({ ping: {} });
        expect(resyncsOf(socket)).toBe(1);
      }
    });

    test('a sender that begins with another number than 1 has lost something', async () => {
      gateway = await start();
      const socket = await gateway.join('1');
      await openDelivery(gateway).deliver(7);
      await socket.waitFor((frame) => frame.resync);
    });

    test('a stream that breaks off and is not continued makes every socket resync', async () => {
      gateway = await start();
      const socket = await gateway.join('1');
      const delivery = openDelivery(gateway);
      await delivery.deliver(1);
      await delivery.abort();
      await socket.waitFor((frame) => frame.resync);
    });

    test('a stream that its sender ends has said everything', async () => {
      const ended: string[] = [];
      const senders = {
        take: () => true,
        ended: (bootIds: ReadonlySet<string>) => void ended.push(...bootIds),
        close: () => {},
      };
      gateway = await start({}, { overrides: { senders } });
      const complete = openDelivery(gateway, 'complete');
      await complete.deliver(1);
      await complete.end();
      const broken = openDelivery(gateway, 'broken');
      await broken.deliver(1);
      await broken.abort();
      await eventually(() => expect(ended).toEqual(['broken']));
    });
  });

  describe('before the welcome', () => {
    let gateway: TestGateway;

    afterEach(() => gateway.stop());

    async function startSlowly() {
      const locations = createMemoryDeviceLocations();
      const released = Promise.withResolvers<void>();
      const options = {
        locations: {
          ...locations,
          // Written, so that deliveries find it, but not confirmed until the test says so.
          async add(location: Parameters<typeof locations.add>[0]) {
            await locations.add(location);
            await released.promise;
          },
        },
      };
      gateway = await start({}, options);
      const { accessToken } = await gateway.signIn('1');
      const socket = await gateway.connect();
      socket.send({ hello: { accessToken } });
      await eventually(async () => expect(await connectionsOf(gateway, '1')).toHaveLength(1));
      return { socket, welcome: released.resolve, connectionIds: await connectionsOf(gateway, '1') };
    }

    test('pushes wait for it and keep their order', async () => {
      const { socket, welcome, connectionIds } = await startSlowly();
      const delivery = openDelivery(gateway);
      await delivery.deliver(1, messagePush(connectionIds, 1), messagePush(connectionIds, 2));
      await delivery.deliver(2, messagePush(connectionIds, 3));
      expect(socket.frames).toEqual([]);
      welcome();
      await socket.waitFor((frame) => frame.events?.events[0].seq === 3);
      const [first, ...events] = socket.frames;
      expect(first.welcome.uid).toBe('1');
      expect(events.map((frame) => frame.events.events[0].seq)).toEqual([1, 2, 3]);
    });

    test('too many of them end in a resync', async () => {
      const { socket, welcome, connectionIds } = await startSlowly();
      const pushes = Array.from({ length: 1_000 }, (_, index) => messagePush(connectionIds, index + 1));
      await openDelivery(gateway).deliver(1, ...pushes);
      welcome();
      await socket.waitFor((frame) => frame.resync);
      expect(socket.frames[0].welcome.uid).toBe('1');
    });
  });
});
