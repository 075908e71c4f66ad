import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ServiceModule, ServicePorts } from './module.ts';
import { busSetting, cacheSetting, databaseSetting } from './port-settings.ts';
import { requireShared } from './process-settings.ts';

const module = (ports: ServicePorts): ServiceModule => ({
  name: 'chat-service',
  config: z.strictObject({}),
  ports,
  create: async () => ({ rpc: [], stop: async () => {} }),
});
const servers = {
  databases: { 'chat-service': databaseSetting.parse('mysql://db/im_chat') },
  cache: cacheSetting.parse('redis://cache'),
  bus: busSetting.parse('kafka://bus:9092'),
};
const everything: ServicePorts = { database: 'needed', cache: 'needed', bus: 'needed' };

test('on servers that all processes share a service may be one of many', () => {
  requireShared(module(everything), {}, servers, 'chat.yaml');
});

test.each([
  ['database', { ...servers, databases: {} }],
  ['cache', { ...servers, cache: cacheSetting.parse('memory') }],
  ['bus', { ...servers, bus: busSetting.parse('local') }],
])('with a %s of its own it may not', (key, settings) => {
  expect(() => requireShared(module(everything), {}, settings, 'chat.yaml')).toThrow(
    `chat.yaml: ${key}: must be`,
  );
  requireShared(module({ database: 'used', cache: 'used' }), {}, settings, 'chat.yaml');
});
