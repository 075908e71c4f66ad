import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createClientAddress } from './client-address.ts';

function addressOf(trusted: string[], remoteAddress: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return createClientAddress(trusted)({ socket: { remoteAddress } as Socket, headers });
}

const PROXIES = ['10.0.0.0/8', '192.0.2.7', 'fd00::/8'];

test.each([
  ['nobody is trusted', [], '10.0.0.1', '203.0.113.9', '10.0.0.1'],
  ['the caller is no proxy', PROXIES, '203.0.113.1', '203.0.113.9', '203.0.113.1'],
  ['a proxy says who called it', PROXIES, '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['an IPv4 proxy on a socket for both', PROXIES, '::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['several proxies', PROXIES, '10.0.0.1', '203.0.113.9, 192.0.2.7, fd00::1', '203.0.113.9'],
  ['what the client itself wrote', PROXIES, '10.0.0.1', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
  ['an IPv6 client', PROXIES, '10.0.0.1', '2001:db8::1', '2001:db8::1'],
  ['a proxy that says nothing', PROXIES, '10.0.0.1', undefined, '10.0.0.1'],
  ['nonsense', PROXIES, '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
  ['proxies only', PROXIES, '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
])('%s', (_name, trusted, remote, forwarded, client) => {
  expect(addressOf(trusted, remote, forwarded)).toBe(client);
});
