import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFileRegistry, type DescMethod, type FileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel as Level } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { methodName } from '../rpc/method-name.ts';

/** Unary methods that must not be made again by themselves, and why. */
const ONCE: Readonly<Record<string, string>> = {
  'im.user.v1.UserService/CreateUser': 'the second finds the username taken',
  'im.user.v1.UserService/Login': 'a second session, and a second try for the throttle',
  'im.user.v1.UserService/ChangePassword': 'the second finds the old password wrong',
  'im.user.v1.UserService/CreateApiKey': 'a second key',
  'im.auth.v1.AuthService/CreateSession': 'a second session in place of the first',
  'im.auth.v1.AuthService/IssueTokens': 'a second session in place of the first',
  'im.auth.v1.AuthService/DeleteSession': 'the second finds no such session',
  'im.friend.v1.FriendService/CreateFriendRequest': 'the second may find the friendship made by the first',
  'im.group.v1.GroupService/CreateGroup': 'a second group',
  'im.group.v1.GroupService/AdminCreateGroup': 'a second group',
  'im.chat.v1.ChatService/SendTyping': 'late, it says what is not true any more',
};

function registryOf(file: string): FileRegistry {
  return createFileRegistry(
    fromBinary(FileDescriptorSetSchema, readFileSync(join(import.meta.dirname, file))),
  );
}

function methodsOf(registry: FileRegistry): Map<string, DescMethod> {
  const services = [...registry].filter(
    (type) => type.kind === 'service' && type.typeName.startsWith('im.'),
  ) as { methods: DescMethod[] }[];
  return new Map(services.flatMap(({ methods }) => methods.map((method) => [methodName(method), method])));
}

const current = methodsOf(registryOf('../gen/im.binpb'));

test('every unary method says that it may be repeated, or is known not to be', () => {
  expect(current.size).toBeGreaterThan(60);
  const silent = [...current.values()]
    .filter((method) => method.methodKind === 'unary' && method.idempotency === Level.IDEMPOTENCY_UNKNOWN)
    .map(methodName);
  expect(silent.sort()).toEqual(Object.keys(ONCE).sort());
});

test('what only looks has no side effects', () => {
  const looking = [...current.values()].filter(({ name }) => /^(Get|List|BatchGet|Search|Query)/.test(name));
  expect(looking.length).toBeGreaterThan(20);
  for (const method of looking) expect(method.idempotency, methodName(method)).toBe(Level.NO_SIDE_EFFECTS);
});

test('a promise of the last release is not taken back', () => {
  const released = methodsOf(registryOf('released.binpb'));
  expect(released.size).toBeGreaterThan(10);
  // In the order of strength: what has no side effects may be repeated too.
  const strength = [Level.IDEMPOTENCY_UNKNOWN, Level.IDEMPOTENT, Level.NO_SIDE_EFFECTS];
  for (const [name, before] of released) {
    const after = current.get(name);
    if (after === undefined) continue;
    expect(strength.indexOf(after.idempotency), name).toBeGreaterThanOrEqual(
      strength.indexOf(before.idempotency),
    );
  }
});
