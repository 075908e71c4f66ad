import { toJson } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { expect, test } from 'vitest';
import { httpRoutesOf } from '../routes/http-route.ts';
import { HTTP_SERVICES } from '../routes/services.ts';
import { type RequestParts, requestMessage } from './request-message.ts';

const routes = new Map(httpRoutesOf(HTTP_SERVICES).map((route) => [route.rpc.name, route]));

function read(name: string, parts: Partial<RequestParts>) {
  const route = routes.get(name)!;
  return toJson(
    route.rpc.input,
    requestMessage(route, { params: {}, search: '', body: undefined, ...parts }),
  );
}

function refusal(name: string, parts: Partial<RequestParts>): string {
  try {
    read(name, parts);
  } catch (error) {
    if (error instanceof ImError) return `${error.reason} ${error.metadata.field ?? ''}`.trim();
    throw error;
  }
  throw new Error('was not refused');
}

const seq7 = { params: { conversationId: 's:1:2', seq: '7' } };

test('the path gives its fields in their types', () => {
  expect(read('HideMessage', seq7)).toEqual({ conversationId: 's:1:2', seq: 7 });
  expect(refusal('HideMessage', { params: { conversationId: 's:1:2', seq: 'seven' } })).toBe(
    'INVALID_FIELD seq',
  );
  expect(refusal('HideMessage', { params: { conversationId: 's:1:2', seq: '-7' } })).toBe(
    'INVALID_FIELD seq',
  );
  expect(refusal('HideMessage', { params: { conversationId: 's:1:2', seq: '7.5' } })).toBe(
    'INVALID_FIELD seq',
  );
});

test('the query gives the rest where there is no body', () => {
  const params = { conversationId: 'u:2' };
  expect(read('GetMessages', { params, search: 'fromSeq=1&toSeq=20' })).toEqual({
    conversationId: 'u:2',
    fromSeq: 1,
    toSeq: 20,
  });
  expect(read('ListFriendRequests', { search: 'direction=OUTGOING&pageToken=a%2Bb' })).toEqual({
    direction: 'OUTGOING',
    pageToken: 'a+b',
  });
  expect(read('ListUsers', { search: 'query=%E5%BC%A0+%E4%B8%89' })).toEqual({ query: '张 三' });
});

test.each([
  ['a parameter that is none', 'Sync', 'curser=x', 'UNKNOWN_FIELD curser'],
  ['the name of the proto file', 'ListUsers', 'page_size=5', 'UNKNOWN_FIELD page_size'],
  ['one given twice', 'Sync', 'limit=1&limit=1', 'INVALID_FIELD limit'],
  ['no number', 'Sync', 'limit=abc', 'INVALID_FIELD limit'],
  ['an empty number', 'Sync', 'limit=', 'INVALID_FIELD limit'],
  ['a number with a sign', 'Sync', 'limit=%2B5', 'INVALID_FIELD limit'],
  ['a hexadecimal number', 'Sync', 'limit=0x10', 'INVALID_FIELD limit'],
  ['more than fits', 'Sync', 'limit=4294967296', 'INVALID_FIELD limit'],
  ['UNSPECIFIED', 'ListFriendRequests', 'direction=UNSPECIFIED', 'INVALID_FIELD direction'],
  ['the number of an enum', 'ListFriendRequests', 'direction=1', 'INVALID_FIELD direction'],
  ['no enum name', 'ListFriendRequests', 'direction=incoming', 'INVALID_FIELD direction'],
  ['what the path gives', 'GetMessages', 'conversationId=u:3', 'UNKNOWN_FIELD conversationId'],
  ['any on a route with a body', 'CreateUser', 'username=a', 'UNKNOWN_FIELD username'],
  ['__proto__', 'Sync', '__proto__=a', 'UNKNOWN_FIELD __proto__'],
])('refuses in the query %s', (_name, rpc, search, expected) => {
  expect(refusal(rpc, { search, params: { conversationId: 'u:2' } })).toBe(expected);
});

const device = { deviceId: 'd', platform: 'WEB' };
const login = { username: 'a', password: 'b', device };

test.each([
  ['an unknown field', 'Login', { ...login, foo: 1 }, 'UNKNOWN_FIELD foo'],
  [
    'an unknown field inside',
    'Login',
    { ...login, device: { ...device, foo: 1 } },
    'UNKNOWN_FIELD device.foo',
  ],
  ['a wrong type', 'Login', { ...login, username: 5 }, 'INVALID_FIELD username'],
  ['a wrong type inside', 'Login', { ...login, device: { deviceId: {} } }, 'INVALID_FIELD device.deviceId'],
  ['an enum number', 'Login', { device: { ...device, platform: 1 } }, 'INVALID_FIELD device.platform'],
  ['UNSPECIFIED', 'Login', { device: { platform: 'UNSPECIFIED' } }, 'INVALID_FIELD device.platform'],
  ['names of the proto file', 'SendMessage', { client_msg_id: 'a' }, 'UNKNOWN_FIELD client_msg_id'],
  ['what the path gives', 'SendMessage', { conversationId: 'u:3' }, 'UNKNOWN_FIELD conversationId'],
  ['what the path gives, cleared', 'SendMessage', { conversationId: null }, 'UNKNOWN_FIELD conversationId'],
  ['the mask', 'UpdateMe', { updateMask: 'bio' }, 'UNKNOWN_FIELD updateMask'],
  ['a list', 'CreateUser', [], 'MALFORMED_BODY'],
  ['a text', 'CreateUser', 'x', 'MALFORMED_BODY'],
  ['null', 'CreateUser', null, 'MALFORMED_BODY'],
  ['anything where there is no body', 'HideMessage', { seq: 1 }, 'UNKNOWN_FIELD seq'],
  ['__proto__', 'CreateUser', JSON.parse('{"__proto__":{"username":"a"}}'), 'UNKNOWN_FIELD __proto__'],
])('refuses in the body %s', (_name, rpc, body, expected) => {
  expect(refusal(rpc, { body, ...seq7 })).toBe(expected);
});

test('the keys of a patch are its mask, in the words of the contract; null clears', () => {
  expect(read('UpdateMe', { body: { bio: 'x', avatarUrl: null } })).toEqual({
    bio: 'x',
    updateMask: 'bio,avatarUrl',
  });
  const message = requestMessage(routes.get('UpdateMe')!, {
    params: {},
    search: '',
    body: { avatarUrl: null },
  });
  expect((message as unknown as { updateMask: { paths: string[] } }).updateMask.paths).toEqual([
    'avatar_url',
  ]);
  expect(read('UpdateConversation', { params: { conversationId: 'u:2' }, body: { muted: false } })).toEqual({
    conversationId: 'u:2',
    muted: false,
    updateMask: 'muted',
  });
});

test('nulls inside settings pass, null as settings clears them', () => {
  expect(read('UpdateMe', { body: { settings: { a: null, b: { c: null } } } })).toEqual({
    settings: { a: null, b: { c: null } },
    updateMask: 'settings',
  });
  expect(read('UpdateMe', { body: { settings: null } })).toEqual({ updateMask: 'settings' });
});

test('settings that could not be carried are refused', () => {
  const refused = (settings: unknown) => refusal('UpdateMe', { body: { settings } });
  expect(refused({ a: ['\ud800'] })).toBe('INVALID_FIELD settings');
  expect(refused({ '\udc00': 1 })).toBe('INVALID_FIELD settings');
  expect(refused(JSON.parse(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`))).toBe('INVALID_FIELD settings');
  expect(refused([])).toBe('INVALID_FIELD settings');
  expect(refused('x')).toBe('INVALID_FIELD settings');
});

test('a patch that names nothing is refused', () => {
  expect(refusal('UpdateMe', { body: {} })).toBe('EMPTY_PATCH');
  expect(refusal('UpdateConversation', { params: { conversationId: 'u:2' } })).toBe('EMPTY_PATCH');
});

test('an edit is a patch with a body like any other', () => {
  const body = { clientMsgId: 'a', content: { text: { text: 'x' } } };
  expect(read('EditMessage', { ...seq7, body })).toEqual({ conversationId: 's:1:2', seq: 7, ...body });
});
