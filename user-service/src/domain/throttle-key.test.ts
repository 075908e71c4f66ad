import { expect, test } from 'vitest';
import { addressThrottleKey, nameThrottleKey } from './throttle-key.ts';

test.each([
  ['192.0.2.7', 'address:192.0.2.7'],
  ['::ffff:192.0.2.7', 'address:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', 'address:2001:db8:1:2::/64'],
  ['2001:0DB8:0001:2:ffff::9', 'address:2001:db8:1:2::/64'],
  ['2001:db8::9', 'address:2001:db8:0:0::/64'],
  ['::1', 'address:0:0:0:0::/64'],
  ['fe80::1%eth0', 'address:fe80:0:0:0::/64'],
  ['unix', 'address:unix'],
])('%s counts as %s', (address, key) => {
  expect(addressThrottleKey(address)).toBe(key);
});

test('a call without an address counts for none', () => {
  expect(addressThrottleKey('')).toBeUndefined();
});

test('what was typed as a name is not kept', () => {
  expect(nameThrottleKey('hunter2hunter2')).not.toContain('hunter2');
});
