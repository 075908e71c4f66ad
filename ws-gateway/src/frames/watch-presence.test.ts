import { ImError } from '@im/common/errors/im-error.ts';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { presenceFields, presenceState } from '@im/common/presence/presence-state.ts';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createEmptiedLocations } from '../testing/emptied-locations.ts';
import type { Frame, TestSocket } from '../testing/socket-client.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

const LAST_SEEN = '2026-01-02T03:04:05.678Z';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let gateway: TestGateway;
afterEach(() => gateway.stop());

/** Has chat-service allow these people, with what the locations say, as the real one does. */
function allow(...allowed: string[]): void {
  gateway.chat.onQueryPresence = async (uids) => {
    const found = await gateway.process.kit.locations.find(uids);
    return uids
      .filter((uid) => allowed.includes(uid))
      .map((uid) => {
        const fields = presenceFields(presenceState(found.get(uid)));
        return { uid, ...fields, lastSeenAt: fields.online ? undefined : LAST_SEEN };
      });
  };
}

const watch = (socket: TestSocket, ...uids: string[]): Promise<Frame> =>
  socket.ask({ watchPresence: { uids } });

/** What was pushed about presence, in order. */
function pushed(socket: TestSocket): Frame[] {
  return socket.frames
    .filter(({ presence, replyTo }) => presence && replyTo === undefined)
    .flatMap(({ presence }) => presence.presence);
}

async function waitForPush(socket: TestSocket, uid: string, online: boolean): Promise<Frame> {
  return vi.waitFor(
    () => {
      const found = pushed(socket).find((one) => one.uid === uid && one.online === online);
      if (found === undefined) throw new Error(`not among ${JSON.stringify(pushed(socket))}`);
      return found;
    },
    { timeout: 5_000 },
  );
}

/** Passes two looks around: what is not pushed by then never is. */
async function twoLooks(observer: TestSocket): Promise<void> {
  for (const uid of ['901', '902']) {
    const other = await gateway.join(uid);
    await waitForPush(observer, uid, true);
    other.ws.close();
  }
}

describe.each(PROTOCOLS)('%s', (protocol) => {
  test('who is watched is shown at once, and within 2 s when they come and go', async () => {
    gateway = await startGateway({}, { protocol });
    allow('2', '3');
    const there = await gateway.join('2');
    const socket = await gateway.join('1');
    expect(await watch(socket, '2', '3', '4')).toEqual({
      replyTo: '2',
      presence: {
        presence: [
          { uid: '2', online: true, platforms: ['WEB'] },
          { uid: '3', online: false, platforms: [], lastSeenAt: LAST_SEEN },
        ],
      },
    });

    const changedAt = performance.now();
    await gateway.join('3');
    await gateway.join('4');
    there.ws.close();
    expect(await waitForPush(socket, '3', true)).toEqual({ uid: '3', online: true, platforms: ['WEB'] });
    expect(await waitForPush(socket, '2', false)).toEqual({
      uid: '2',
      online: false,
      platforms: [],
      lastSeenAt: TIME,
    });
    expect(performance.now() - changedAt).toBeLessThan(2_500);
    // Those who may be watched and have changed, nobody else.
    expect(
      pushed(socket)
        .map(({ uid }) => uid)
        .sort(),
    ).toEqual(['2', '3']);
  });
});

test('another platform is a change, another socket on the same one is not', async () => {
  gateway = await startGateway();
  allow('2', '901', '902');
  const socket = await gateway.join('1');
  const observer = await gateway.join('9');
  await gateway.join('2');
  await watch(socket, '2');
  await watch(observer, '901', '902');
  await gateway.join('2');
  await twoLooks(observer);
  expect(pushed(socket)).toEqual([]);
  await gateway.process.kit.locations.add({
    uid: '2',
    connectionId: 'elsewhere',
    gatewayBootId: 'another',
    sessionId: 's',
    platform: Platform_Value.IOS,
  });
  await vi.waitFor(
    () => expect(pushed(socket)).toEqual([{ uid: '2', online: true, platforms: ['WEB', 'IOS'] }]),
    {
      timeout: 5_000,
    },
  );
});

test('a new list takes the place of the earlier one, also an empty one', async () => {
  gateway = await startGateway();
  allow('2', '3', '901', '902');
  const socket = await gateway.join('1');
  const observer = await gateway.join('9');
  await watch(observer, '901', '902');
  await watch(socket, '2');
  await watch(socket, '3');
  await gateway.join('2');
  await gateway.join('3');
  await waitForPush(socket, '3', true);
  expect(await watch(socket)).toEqual({ replyTo: '4', presence: { presence: [] } });
  (await gateway.join('3')).ws.close();
  await twoLooks(observer);
  expect(pushed(socket).map(({ uid }) => uid)).toEqual(['3']);
});

test('of several lists the one that the client sent last counts, whichever is answered first', async () => {
  gateway = await startGateway();
  const first = Promise.withResolvers<void>();
  gateway.chat.onQueryPresence = async (uids) => {
    if (uids[0] === '2') await first.promise;
    return uids.map((uid) => ({ uid, online: false }));
  };
  const socket = await gateway.join('1');
  const earlier = socket.send({ watchPresence: { uids: ['2'] } });
  await watch(socket, '3');
  first.resolve();
  expect((await socket.answerTo(earlier)).presence.presence).toMatchObject([{ uid: '2' }]);
  await gateway.join('2');
  await gateway.join('3');
  await waitForPush(socket, '3', true);
  expect(pushed(socket).map(({ uid }) => uid)).toEqual(['3']);
});

test('chat-service is asked again about each minute, and while it is away its last word holds', async () => {
  let ahead = 0;
  const clock = () => performance.now() + ahead;
  gateway = await startGateway({ heartbeatSeconds: 3_600 }, { overrides: { clock } });
  allow('2', '3');
  const socket = await gateway.join('1');
  const observer = await gateway.join('9');
  await watch(socket, '2', '3', '4');
  const asked: string[][] = [];
  const askedAgain = async (uid: string, allowed: () => void) => {
    allowed();
    const { onQueryPresence } = gateway.chat;
    gateway.chat.onQueryPresence = (uids, caller) => {
      if (caller === uid) asked.push(uids);
      return onQueryPresence(uids, caller);
    };
    asked.length = 0;
    ahead += 70_000;
    await vi.waitFor(() => expect(asked).not.toEqual([]), { timeout: 5_000 });
  };

  await askedAgain('1', () => {
    gateway.chat.onQueryPresence = async () => {
      throw new ImError('SERVICE_AWAY', 'as the test wants it');
    };
  });
  await gateway.join('2');
  await waitForPush(socket, '2', true);

  // A new friend is shown, a lost one not any more.
  await askedAgain('1', () => allow('3', '4', '901', '902'));
  expect(asked).toEqual([['2', '3', '4']]);
  expect(await waitForPush(socket, '4', false)).toEqual({
    uid: '4',
    online: false,
    platforms: [],
    lastSeenAt: LAST_SEEN,
  });
  await watch(observer, '901', '902');
  const before = pushed(socket).length;
  const { locations } = gateway.process.kit;
  await locations.remove((await locations.find(['2'])).get('2')![0]!);
  await twoLooks(observer);
  expect(pushed(socket)).toHaveLength(before);
});

test('a refusal of chat-service is the answer, and the earlier list stays', async () => {
  gateway = await startGateway();
  allow('2');
  const socket = await gateway.join('1');
  await watch(socket, '2');
  gateway.chat.onQueryPresence = async () => {
    throw new ImError('STORE_AWAY', 'as the test wants it');
  };
  expect((await watch(socket, '3')).error).toMatchObject({ code: 503, reason: 'STORE_AWAY' });
  await gateway.join('2');
  await waitForPush(socket, '2', true);
});

test('more than 200 people are refused', async () => {
  gateway = await startGateway();
  const socket = await gateway.join('1');
  const uids = Array.from({ length: 201 }, (_, i) => `${i + 1}`);
  expect((await watch(socket, ...uids)).error).toMatchObject({ code: 400, reason: 'INVALID_FIELD' });
});

test('when the locations were lost they are announced again, sockets resync, and nobody seems to have gone', async () => {
  const { locations, empty } = createEmptiedLocations();
  gateway = await startGateway({}, { locations });
  allow('2');
  await gateway.join('2');
  const socket = await gateway.join('1');
  await watch(socket, '2');
  // The gateway has to have been there before anything can be lost.
  await eventually(async () =>
    expect((await locations.find([`gateway:${gateway.process.kit.bootId}`])).size).toBe(1),
  );
  empty();
  await vi.waitFor(async () => expect([...(await locations.find(['1', '2'])).keys()]).toEqual(['1', '2']), {
    timeout: 5_000,
  });
  await socket.waitFor((frame) => frame.resync);
  const gone = (await locations.find(['2'])).get('2')![0]!;
  expect(gone).toMatchObject({ platform: Platform_Value.WEB, gatewayBootId: gateway.process.kit.bootId });
  // Later changes are told, so the looks went on.
  await locations.add({ ...gone, connectionId: 'phone', platform: Platform_Value.IOS });
  await vi.waitFor(
    () => expect(pushed(socket)).toEqual([{ uid: '2', online: true, platforms: ['WEB', 'IOS'] }]),
    {
      timeout: 10_000,
    },
  );
});
