import { expect, test } from 'vitest';
import { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import { OFFLINE, presenceFields, presenceState, presenceStateOf } from './presence-state.ts';

const { UNSPECIFIED, WEB, IOS, BOT } = Platform_Value;
const at = (...platforms: Platform_Value[]) => presenceState(platforms.map((platform) => ({ platform })));

test.each([
  ['nobody', OFFLINE, { online: false, platforms: [] }],
  ['one device', at(IOS), { online: true, platforms: [IOS] }],
  ['several, each platform once', at(BOT, WEB, IOS, WEB), { online: true, platforms: [WEB, IOS, BOT] }],
  ['a device that does not say what it is', at(UNSPECIFIED), { online: true, platforms: [] }],
  ['a platform of a later release', at(77 as Platform_Value), { online: true, platforms: [] }],
])('%s', (_name, state, fields) => {
  expect(presenceFields(state)).toEqual(fields);
  expect(presenceStateOf(fields)).toBe(state);
});

test('without locations one is offline', () => {
  expect(presenceState(undefined)).toBe(OFFLINE);
  expect(presenceState([])).toBe(OFFLINE);
});
