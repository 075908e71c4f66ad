import { expect, test } from 'vitest';
import { isOriginAllowed } from './origin.ts';

const PUBLIC = { allowedOrigins: [], boundHost: '0.0.0.0' };
const LOOPBACK = { allowedOrigins: [], boundHost: '127.0.0.1' };
const LISTED = { allowedOrigins: ['https://chat.example.com'], boundHost: '127.0.0.1' };

test.each([
  [undefined, 'im.example.com', PUBLIC, true],
  ['https://im.example.com', 'im.example.com', PUBLIC, true],
  ['http://im.example.com:8080', 'im.example.com:8081', PUBLIC, true],
  ['https://example.com', 'im.example.com', PUBLIC, false],
  ['http://localhost:3000', 'im.example.com', PUBLIC, false],
  ['http://localhost:3000', '127.0.0.1:8081', LOOPBACK, true],
  ['https://chat.example.com', 'chat.example.com', LOOPBACK, true],
  ['https://example.com', '127.0.0.1:8081', LOOPBACK, false],
  ['https://chat.example.com', '127.0.0.1:8081', LISTED, true],
  ['http://localhost', 'localhost', LISTED, false],
  ['https://any.example', 'x', { ...LISTED, allowedOrigins: ['*'] }, true],
  ['null', 'im.example.com', PUBLIC, false],
  ['not an origin', 'im.example.com', PUBLIC, false],
  ['chrome-extension://abc', 'abc', PUBLIC, false],
  ['http://x', undefined, PUBLIC, false],
])('origin %s at %s with %j: %s', (origin, host, policy, allowed) => {
  expect(isOriginAllowed(origin, host, policy)).toBe(allowed);
});
