import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import type { MessageInit } from '@im/common/rpc/message-init.ts';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCESS_TABLE } from './access/access-table.ts';
import { hasRoute, httpOutcome, rpcOutcome, speakForKey, speakForUser } from './access/attempts.ts';
import { methodsOfDescriptors } from './access/methods.ts';
import type { Outcome, Row } from './access/row.ts';
import { createWorld, type Key, SCOPES, type World } from './access/world.ts';
import { type Person, person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

const GATEWAYS: readonly ServiceName[] = ['api-gateway', 'ws-gateway'];
const SPOKEN_FOR = ['party', 'another', 'key with the scope', 'key without the scope'];
const METHODS = await methodsOfDescriptors();

let product: Product;
let world: World;
beforeAll(async () => {
  product = await startProduct();
  world = await createWorld(product);
});
afterAll(() => product.stop());

type Outcomes = Record<string, Outcome | undefined>;

/** Refused before anybody looks at the request, which therefore may be the same for all of them. */
const DENIED: readonly (Outcome | undefined)[] = ['SIGN_IN_REQUIRED', 'ACCESS_DENIED', 'SCOPE_REQUIRED'];

/** Gives a request anew where the row expects it to be served. */
function requestsOf(
  row: Row,
): (expected: Outcome | undefined, service?: ServiceName) => Promise<MessageInit> {
  let shared: Promise<MessageInit> | undefined;
  return async (expected, service) => {
    if (!DENIED.includes(expected)) return row.request(world, service);
    shared ??= Promise.resolve(row.request(world, undefined));
    return shared;
  };
}

/** Methods with their rows; those without one fail the first test. */
const ROWS = METHODS.flatMap((method) => {
  const row = ACCESS_TABLE.get(method.name);
  return row === undefined ? [] : [{ method, row, title: method.name.replace(/.*\./, '') }];
});

/** The two people of a row: the party, and another who is not concerned. */
async function peopleOf(row: Row): Promise<Record<'party' | 'another', Person>> {
  if (row.endsSessions !== true) return { party: world.ann, another: world.eve };
  return { party: await person(product, 'party'), another: await person(product, 'another') };
}

/** One key that has the row's scope alone, and one that has all others; for a row without a scope any two. */
async function keysOf({ scope }: Row): Promise<Record<'with' | 'without', Key>> {
  const others = SCOPES.filter((each) => each !== scope);
  return {
    with: await world.key(scope === undefined ? SCOPES : [scope]),
    without: await world.key(others),
  };
}

/** What is to come of it for those whom a gateway speaks for. */
function expectedOf({ public: open, users, scope }: Row): Record<string, Outcome> {
  if (open) return Object.fromEntries(SPOKEN_FOR.map((who) => [who, 'ok']));
  return {
    party: users?.party ?? 'ACCESS_DENIED',
    another: users?.another ?? 'ACCESS_DENIED',
    'key with the scope': scope ? 'ok' : 'ACCESS_DENIED',
    'key without the scope': scope ? 'SCOPE_REQUIRED' : 'ACCESS_DENIED',
  };
}

test('every method of the descriptors has a row, and every row a method', () => {
  expect(METHODS.length).toBeGreaterThan(40);
  const missing = METHODS.map(({ name }) => name).filter((name) => !ACCESS_TABLE.has(name));
  expect(missing, 'methods without a row in access/access-table.ts').toEqual([]);
  const gone = [...ACCESS_TABLE.keys()].filter((row) => METHODS.every(({ name }) => name !== row));
  expect(gone, 'rows of methods that are not there').toEqual([]);
});

test.each(ROWS)('$title: services', async ({ method, row }) => {
  const requestFor = requestsOf(row);
  const outcomes: Outcomes = {};
  const expected: Outcomes = {};
  for (const as of SERVICE_NAMES) {
    expected[as] = row.public || row.services?.includes(as) ? 'ok' : 'ACCESS_DENIED';
    const request = await requestFor(expected[as], as);
    outcomes[as] = await rpcOutcome(product.server, method, { as, request });
    if (GATEWAYS.includes(as)) continue;
    // A uid counts for nothing unless a gateway has checked who it is.
    const forged = `${as} with a uid`;
    const speakFor = speakForUser(world.ann);
    expected[forged] = 'ACCESS_DENIED';
    outcomes[forged] = await rpcOutcome(product.server, method, { as, speakFor, request });
  }
  expect(outcomes).toEqual(expected);
});

test.each(ROWS)('$title: people and keys that a gateway speaks for', async ({ method, row }) => {
  const keys = await keysOf(row);
  const requestFor = requestsOf(row);
  const expected = expectedOf(row);
  for (const as of GATEWAYS) {
    const { party, another } = await peopleOf(row);
    const callers = {
      party: speakForUser(party),
      another: speakForUser(another),
      'key with the scope': speakForKey(keys.with),
      'key without the scope': speakForKey(keys.without),
    };
    const outcomes: Outcomes = {};
    for (const [who, speakFor] of Object.entries(callers)) {
      const request = await requestFor(expected[who]);
      outcomes[who] = await rpcOutcome(product.server, method, { as, speakFor, request });
    }
    expect(outcomes, as).toEqual(expected);
  }
});

test.each(ROWS)('$title: HTTP', async ({ method, row }) => {
  if (!hasRoute(method)) {
    // Then it must not be for anybody outside.
    expect([row.public, row.users, row.scope]).toEqual([undefined, undefined, undefined]);
    return;
  }
  const keys = await keysOf(row);
  const { party, another } = await peopleOf(row);
  const clients = {
    nobody: product.client,
    party: party.client,
    another: another.client,
    'key with the scope': product.client.as(keys.with.secret),
    'key without the scope': product.client.as(keys.without.secret),
  };
  const requestFor = requestsOf(row);
  const expected: Outcomes = { nobody: row.public ? 'ok' : 'SIGN_IN_REQUIRED', ...expectedOf(row) };
  const outcomes: Outcomes = {};
  for (const [who, client] of Object.entries(clients)) {
    outcomes[who] = await httpOutcome(client, method, await requestFor(expected[who]));
  }
  expect(outcomes).toEqual(expected);
});

const OBJECT_RULES = ROWS.flatMap(({ method, row, title }) =>
  (row.butNot ?? []).map((rule) => ({ method, title, ...rule })),
);

test.each(OBJECT_RULES)('$title: not for $who', async ({ method, attempt, reason }) => {
  const { as, request } = await attempt(world);
  if (typeof as === 'string') {
    expect(await rpcOutcome(product.server, method, { as, request })).toBe(reason);
    return;
  }
  for (const gateway of GATEWAYS) {
    const speakFor = speakForUser(as);
    expect(await rpcOutcome(product.server, method, { as: gateway, speakFor, request })).toBe(reason);
  }
  expect(await httpOutcome(as.client, method, request)).toBe(reason);
});

test('a gateway must say clearly for whom it speaks', async () => {
  const users = product.server.client(UserService, 'api-gateway');
  const { uid, sessionId } = world.ann;
  for (const half of [
    { uid, sessionId: '' },
    { uid: '', sessionId },
    { uid: '', sessionId: '' },
  ]) {
    const call = users.getMe({}, { speakFor: { kind: 'user', ...half } });
    await expect(call).rejects.toMatchObject({ reason: 'ACCESS_DENIED' });
  }
});
