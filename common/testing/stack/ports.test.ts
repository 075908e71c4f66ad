import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { claimPorts, isFree } from './ports.ts';

test('nobody gets a port that another claimed, though nobody listens on it', async () => {
  // Few to choose from, so that without claims some would meet.
  const few = { lowest: 19_000, highest: 19_049 };
  const sets = await Promise.all(Array.from({ length: 10 }, () => claimPorts(2, few)));
  expect(new Set(sets.flat()).size).toBe(20);
});

test('a port on which somebody listens is not free', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(await isFree(port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await isFree(port)).toBe(true);
});
