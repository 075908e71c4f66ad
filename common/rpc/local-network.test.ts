import { expect, test } from 'vitest';
import { UserService } from '../gen/im/user/v1/user_service_pb.ts';
import { createTestNetwork } from './conformance/network.ts';
import { testRpcConformance } from './conformance.ts';
import { createLocalNetwork } from './local-network.ts';

testRpcConformance('the local network', async () => {
  const network = createLocalNetwork();
  const away: (() => void)[] = [];
  return {
    transport: network.transport,
    serve: async (server, instance) => {
      away.push(network.add(server, instance ?? 'the only one'));
    },
    close: async () => {
      for (const takeAway of away) takeAway();
    },
  };
});

test('a server that was taken away is not there any more, and another may take its place', async () => {
  const network = createLocalNetwork();
  let takeAway = () => {};
  const net = await createTestNetwork(async () => ({
    transport: network.transport,
    serve: async (server, instance) => {
      takeAway = network.add(server, instance ?? 'the only one');
    },
    close: async () => {},
  }));
  const users = net.client(UserService, 'chat-service');
  await net.serve(UserService, { getUser: async () => ({ user: { uid: '1' } }) });
  takeAway();
  await expect(users.getUser({ uid: '1' })).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  await net.serve(UserService, { getUser: async () => ({ user: { uid: '2' } }) });
  expect((await users.getUser({ uid: '1' })).user?.uid).toBe('2');
  await net.close();
});
