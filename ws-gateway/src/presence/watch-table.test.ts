import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { DeviceLocation } from '@im/common/presence/device-locations.ts';
import { OFFLINE, presenceState } from '@im/common/presence/presence-state.ts';
import { expect, test } from 'vitest';
import { createWatchTable } from './watch-table.ts';

const ONLINE = presenceState([{ platform: Platform_Value.WEB }]);

function at(...uids: string[]): Map<string, DeviceLocation[]> {
  const location = { connectionId: 'c', gatewayBootId: 'g', sessionId: 's', platform: Platform_Value.WEB };
  return new Map(uids.map((uid) => [uid, [{ ...location, uid }]]));
}

test('a change is told to those who watch, once', () => {
  const table = createWatchTable<string>();
  table.replace('ann', [
    { uid: '1', state: OFFLINE },
    { uid: '2', state: ONLINE },
  ]);
  table.replace('bob', [{ uid: '1', state: OFFLINE }]);
  const changed = table.update(table.people(), at('1', '2'));
  expect(changed.map(({ uid, state, watchers }) => [uid, state, [...watchers]])).toEqual([
    ['1', ONLINE, ['ann', 'bob']],
  ]);
  expect(table.update(table.people(), at('1', '2'))).toEqual([]);
});

test('who begins to watch is told what the others know, so that the next change fits for all', () => {
  const table = createWatchTable<string>();
  table.replace('ann', [{ uid: '1', state: OFFLINE }]);
  // Online since the last look: Bob hears so with everybody else.
  expect(table.replace('bob', [{ uid: '1', state: ONLINE }])).toEqual([
    { uid: '1', state: OFFLINE, isNew: true },
  ]);
  const [changed] = table.update(table.people(), at('1'));
  expect([...changed!.watchers]).toEqual(['ann', 'bob']);
});

test('a new list takes the place of the earlier one', () => {
  const table = createWatchTable<string>();
  table.replace('ann', [
    { uid: '1', state: OFFLINE },
    { uid: '2', state: OFFLINE },
  ]);
  expect(
    table.replace('ann', [
      { uid: '2', state: ONLINE },
      { uid: '3', state: ONLINE },
    ]),
  ).toEqual([
    { uid: '2', state: OFFLINE, isNew: false },
    { uid: '3', state: ONLINE, isNew: true },
  ]);
  expect(table.people().map(({ uid }) => uid)).toEqual(['2', '3']);
});

test('nobody is looked for whom nobody watches any more', () => {
  const table = createWatchTable<string>();
  table.replace('ann', [{ uid: '1', state: OFFLINE }]);
  table.replace('bob', [{ uid: '1', state: OFFLINE }]);
  table.forget('ann');
  expect(table.people()).toHaveLength(1);
  table.replace('bob', []);
  table.forget('bob');
  expect(table.people()).toEqual([]);
});

test('a look that began before somebody was forgotten and watched anew says nothing of them', () => {
  const table = createWatchTable<string>();
  table.replace('ann', [{ uid: '1', state: OFFLINE }]);
  const looking = table.people();
  table.forget('ann');
  table.replace('ann', [{ uid: '1', state: ONLINE }]);
  expect(table.update(looking, at())).toEqual([]);
});
