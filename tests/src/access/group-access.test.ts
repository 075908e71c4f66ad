import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { WireConversation, WireGroup, WirePresence } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Product, startProduct } from '../support/product.ts';
import { hasRoute, httpOutcome, rpcOutcome, speakForUser } from './attempts.ts';
import { GROUP_ACCESS, type GroupRow } from './group-rows.ts';
import { type Cast, createCast, type Scene, SIGNED_IN, type SignedIn, setScene } from './group-scene.ts';
import { type Method, methodsOfDescriptors } from './methods.ts';
import type { Outcome } from './row.ts';

// Every kind of caller × every method of groups and of their conversations,
// over HTTP where there is a route, else as the gateways call.

const METHODS = new Map((await methodsOfDescriptors()).map((method) => [method.name, method]));

let product: Product;
let cast: Cast;
beforeAll(async () => {
  product = await startProduct();
  cast = await createCast(product);
});
afterAll(() => product.stop());

/** Callers who only look, or are refused, may share a scene: it stays as it was. */
function scenesOf({ rpc }: Method, { setting, outcomes }: GroupRow): (kind: SignedIn) => Promise<Scene> {
  const looks = rpc.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  let shared: Promise<Scene> | undefined;
  return (kind) => {
    if (outcomes[kind] === 'ok' && !looks) return setScene(product, cast, setting);
    shared ??= setScene(product, cast, setting);
    return shared;
  };
}

async function outcomeOf(method: Method, row: GroupRow, scene: Scene, kind: SignedIn): Promise<Outcome> {
  const request = row.request(scene, kind);
  if (hasRoute(method)) return httpOutcome(cast[kind].client, method, request);
  if (row.outcomes[kind] === 'ACCESS_DENIED') {
    const speakFor = speakForUser(cast[kind]);
    return rpcOutcome(product.server, method, { as: 'api-gateway', speakFor, request });
  }
  // What only sockets bring: the gateway says for whom.
  return rpcOutcome(product.server, method, { as: 'ws-gateway', request });
}

test('every method of groups and conversations has a row', () => {
  const covered = new Set(GROUP_ACCESS.map(({ method }) => method));
  const all = [...METHODS.values()].filter(
    ({ service }) => service === GroupService || service === ChatService,
  );
  expect(all.length).toBeGreaterThan(30);
  expect(all.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
});

test.each(GROUP_ACCESS.map((row) => ({ ...row, name: row.method.split('/')[1]! })))(
  '$name: $title',
  async (row) => {
    const method = METHODS.get(row.method)!;
    const sceneOf = scenesOf(method, row);
    const { nobody, ...expected } = row.outcomes;
    const outcomes = await Promise.all(
      SIGNED_IN.map(async (kind) => [kind, await outcomeOf(method, row, await sceneOf(kind), kind)]),
    );
    expect(Object.fromEntries(outcomes)).toEqual(expected);
    if (!hasRoute(method)) return;
    const request = row.request(await sceneOf('outsider'), 'member');
    expect(await httpOutcome(product.client, method, request)).toBe(nobody);
  },
);

test('what one may ask for oneself holds of a group only what is theirs', async () => {
  const { conversationId, groupId } = await setScene(product, cast, { joinPolicy: 'OPEN' });
  for (const kind of SIGNED_IN) {
    const { client } = cast[kind];
    const lists = await client.call<{ conversations: WireConversation[] }>(
      'GET',
      '/v1/conversations?pageSize=200',
    );
    const listed = lists.conversations.find((each) => each.conversationId === conversationId);
    const synced = (await client.call<typeof lists>('GET', '/v1/sync')).conversations.find(
      (each) => each.conversationId === conversationId,
    );
    expect([listed !== undefined, synced !== undefined], kind).toEqual(Array(2).fill(kind !== 'outsider'));
    expect(listed?.leftSeq !== undefined, kind).toBe(kind === 'former');

    const member = kind !== 'outsider' && kind !== 'former';
    const { group } = await client.call<{ group: WireGroup }>('GET', `/v1/groups/${groupId}`);
    expect(group.ownerUid, kind).toBe(member ? cast.owner.uid : '');
    const ids = new Set<string>();
    for (let pageToken = ''; ; ) {
      const page = await client.call<{ groups: WireGroup[]; nextPageToken: string }>(
        'GET',
        `/v1/groups?pageSize=200&pageToken=${pageToken}`,
      );
      for (const each of page.groups) ids.add(each.groupId);
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    expect(ids.has(groupId), kind).toBe(member);
  }
});

test('the presence of members is for members', async () => {
  const alone = await createCast(product);
  await setScene(product, alone, {});
  for (const kind of SIGNED_IN) {
    const uids = [alone.bystander.uid];
    const { presence } = await alone[kind].client.call<{ presence: WirePresence[] }>(
      'POST',
      '/v1/presence/query',
      { uids },
    );
    expect(presence, kind).toHaveLength(kind === 'outsider' || kind === 'former' ? 0 : 1);
  }
});
