import { expect, test } from 'vitest';
import { UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '../../gen/im/ws/v1/delivery_service_pb.ts';
import type { ServiceName } from '../../service/names.ts';
import type { Caller } from '../context.ts';
import type { RpcClient, SpokenFor } from '../types.ts';
import type { TestNetwork } from './network.ts';

const ANN: SpokenFor = { kind: 'user', uid: '7', sessionId: 's-1' };
const KEY: SpokenFor = { kind: 'apiKey', keyId: 'k-1', scopes: ['tokens', 'users'] };
const OTHER_KEY: SpokenFor = { kind: 'apiKey', keyId: 'k-2', scopes: ['messages'] };
const NO_SCOPES: SpokenFor = { kind: 'apiKey', keyId: 'k-3', scopes: [] };

/** Who calls, and what comes of each of METHODS, in their order. */
const TABLE: readonly { as?: ServiceName; speakFor?: SpokenFor; outcomes: string }[] = [
  { outcomes: 'ok signIn signIn signIn signIn' },
  { as: 'api-gateway', outcomes: 'ok denied denied denied denied' },
  { as: 'api-gateway', speakFor: ANN, outcomes: 'ok ok ok denied denied' },
  { as: 'ws-gateway', speakFor: ANN, outcomes: 'ok ok ok denied denied' },
  { as: 'api-gateway', speakFor: KEY, outcomes: 'ok denied denied ok denied' },
  { as: 'api-gateway', speakFor: OTHER_KEY, outcomes: 'ok denied denied scope denied' },
  { as: 'api-gateway', speakFor: NO_SCOPES, outcomes: 'ok denied denied scope denied' },
  { as: 'auth-service', outcomes: 'ok ok denied denied ok' },
  { as: 'group-service', outcomes: 'ok ok denied denied denied' },
  // Who may not speak for others is refused, whatever the method.
  { as: 'auth-service', speakFor: ANN, outcomes: 'denied denied denied denied denied' },
  { as: 'auth-service', speakFor: KEY, outcomes: 'denied denied denied denied denied' },
  { speakFor: ANN, outcomes: 'signIn signIn signIn signIn signIn' },
];

const REASONS: Readonly<Record<string, string>> = {
  denied: 'ACCESS_DENIED',
  scope: 'SCOPE_REQUIRED',
  signIn: 'SIGN_IN_REQUIRED',
};

type Call = (users: RpcClient<typeof UserService>, speakFor?: SpokenFor) => Promise<unknown>;

/** One method for each kind of access. */
const METHODS: readonly (readonly [string, Call])[] = [
  ['public', (users, speakFor) => users.createUser({ username: 'a', password: '12345678' }, { speakFor })],
  ['user or services', (users, speakFor) => users.getUser({ uid: '1' }, { speakFor })],
  ['user', (users, speakFor) => users.getMe({}, { speakFor })],
  ['API key', (users, speakFor) => users.upsertUser({ externalId: 'e' }, { speakFor })],
  ['service', (users, speakFor) => users.getAccount({ account: { case: 'uid', value: '1' } }, { speakFor })],
];

/** Who may call what, and who callers are. */
export function testAccess(net: () => TestNetwork): void {
  for (const { as, speakFor, outcomes } of TABLE) {
    const who = `${as ?? 'nobody'}${speakFor ? ` for ${speakFor.kind} ${JSON.stringify(speakFor)}` : ''}`;
    test(`${who}: ${outcomes}`, async () => {
      let served = 0;
      const handler = async () => {
        served++;
        return {};
      };
      await net().serve(UserService, {
        createUser: handler,
        getUser: handler,
        getMe: handler,
        upsertUser: handler,
        getAccount: handler,
      });
      const users = as ? net().client(UserService, as) : net().clientWithToken(UserService, '');
      const expected = outcomes.split(' ');
      for (const [index, [kind, call]] of METHODS.entries()) {
        const outcome = await call(users, speakFor).then(
          () => 'ok',
          (error) => error.reason,
        );
        expect({ kind, outcome }).toEqual({ kind, outcome: REASONS[expected[index]!] ?? 'ok' });
      }
      expect(served).toBe(expected.filter((outcome) => outcome === 'ok').length);
    });
  }

  test('handlers learn who calls', async () => {
    const callers: Caller[] = [];
    await net().serve(UserService, {
      createUser: async (_, ctx) => {
        callers.push(ctx.caller);
        return {};
      },
    });
    const request = { username: 'ann', password: '12345678' };
    await net().clientWithToken(UserService, '').createUser(request);
    await net().client(UserService, 'friend-service').createUser(request);
    await net().client(UserService, 'ws-gateway').createUser(request, { speakFor: ANN });
    await net().client(UserService, 'api-gateway').createUser(request, { speakFor: KEY });
    expect(callers).toEqual([
      { kind: 'nobody' },
      { kind: 'service', service: 'friend-service' },
      { kind: 'user', uid: '7', sessionId: 's-1', gateway: 'ws-gateway' },
      { kind: 'apiKey', keyId: 'k-1', scopes: ['tokens', 'users'], gateway: 'api-gateway' },
    ]);
  });

  test('the client address of somebody unknown is not believed', async () => {
    const addresses: string[] = [];
    await net().serve(UserService, {
      createUser: async (_, ctx) => {
        addresses.push(ctx.clientAddress);
        return {};
      },
    });
    const request = { username: 'ann', password: '12345678' };
    await net().clientWithToken(UserService, '').createUser(request, { clientAddress: '192.0.2.1' });
    expect(addresses).toEqual(['']);
  });

  test('a token that is not good is refused, also where anybody may call', async () => {
    await net().serve(UserService, { createUser: async () => ({}) });
    const forHere = await net().token('chat-service', 'user-service');
    const forThere = await net().token('chat-service', 'auth-service');
    const attempt = (token: string) =>
      net()
        .clientWithToken(UserService, token)
        .createUser({ username: 'ann', password: '12345678' })
        .then(
          () => 'ok',
          (error) => error.reason,
        );
    expect(await attempt(forHere)).toBe('ok');
    expect(await attempt(forThere)).toBe('TOKEN_INVALID');
    expect(await attempt('rubbish')).toBe('TOKEN_INVALID');
    net().now += 61_000;
    expect(await attempt(forHere)).toBe('TOKEN_INVALID');
  });

  test('a stream is refused as a call is', async () => {
    await net().serve(DeliveryService, {
      async *deliver() {
        yield { number: 1 };
      },
    });
    const attempt = async (client: RpcClient<typeof DeliveryService>) => {
      for await (const _ of client.deliver((async function* () {})())) return 'ok';
    };
    await expect(attempt(net().clientWithToken(DeliveryService, ''))).rejects.toMatchObject({
      reason: 'SIGN_IN_REQUIRED',
    });
    await expect(attempt(net().client(DeliveryService, 'user-service'))).rejects.toMatchObject({
      reason: 'ACCESS_DENIED',
    });
    expect(await attempt(net().client(DeliveryService, 'chat-service'))).toBe('ok');
  });
}
