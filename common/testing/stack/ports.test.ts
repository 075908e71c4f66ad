import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { claimPorts, isFree } from './ports.ts';

test('nobody gets a port that another claimed, though nobody listens on it', async () => {
  const sets = await Promise.all(Array.from({ length: 20 }, () => claimPorts(2)));
  const ports = sets.flat();
  expect(new Set(ports).size).toBe(40);
  for (const port of ports) expect(port).toBeLessThan(32_768);
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
