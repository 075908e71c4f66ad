import { expect, test } from 'vitest';
import { createOriginRule } from './origins.ts';

const OWN = 'chat.example.com';

test('without a list, the own origin passes, whichever scheme the proxy in front speaks', () => {
  const allows = createOriginRule([], '0.0.0.0');
  expect(allows('https://chat.example.com', OWN)).toBe(true);
  expect(allows('http://chat.example.com:8080', 'chat.example.com:8080')).toBe(true);
  expect(allows('https://chat.example.com:444', OWN)).toBe(false);
  expect(allows('https://evil.example', OWN)).toBe(false);
  expect(allows('http://localhost:3000', OWN)).toBe(false);
  expect(allows('null', OWN)).toBe(false);
  expect(allows('chrome-extension://chat.example.com', OWN)).toBe(false);
});

test.each(['127.0.0.1', 'localhost', '::1'])('bound to %s, localhost passes on any port', (host) => {
  const allows = createOriginRule([], host);
  for (const origin of [
    'http://localhost:5173',
    'https://localhost',
    'http://127.0.0.1:1',
    'http://[::1]:2',
  ]) {
    expect(allows(origin, '127.0.0.1:8080')).toBe(true);
  }
  for (const origin of [
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'null',
    'file://',
  ]) {
    expect(allows(origin, '127.0.0.1:8080')).toBe(false);
  }
});

test('a list is all there is', () => {
  const allows = createOriginRule(['https://a.example'], '127.0.0.1');
  expect(allows('https://a.example', OWN)).toBe(true);
  expect(allows('https://a.example:8443', OWN)).toBe(false);
  expect(allows('http://localhost:3000', OWN)).toBe(false);
  expect(allows('https://chat.example.com', OWN)).toBe(false);
});

test('a star is everybody', () => {
  expect(createOriginRule(['*'], '0.0.0.0')('https://any.example', OWN)).toBe(true);
});
