import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { becomes, testRegistryConformance } from './registry-conformance.ts';
import { createStaticRegistry } from './registry-static.ts';

const log = pino({ level: 'silent' });

testRegistryConformance('static', async () => {
  const registry = createStaticRegistry({ log });
  return { open: () => registry, close: registry.close };
});

test('a static list and dns:/// work as well: fixed addresses stand beside what registers', async () => {
  const registry = createStaticRegistry({
    log,
    targets: { 'user-service': ['10.0.0.1:9000', 'users:9000'] },
  });
  const list = registry.follow('user-service');
  await registry.register('user-service', { address: '10.0.0.1:9000', bootId: 'b' });
  expect(list.current()).toEqual([
    { address: '10.0.0.1:9000', bootId: 'b' },
    { address: 'users:9000', bootId: undefined },
  ]);
  await registry.close();
});

test('a name is looked up again and again; when that fails, what was found before stays', async () => {
  const answers: (readonly string[] | Error)[] = [
    ['10.0.0.1', 'fd00::1'],
    new Error('ENOTFOUND'),
    ['10.0.0.2'],
  ];
  const resolve = vi.fn(async () => {
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    if (answer instanceof Error) throw answer;
    return answer as readonly string[];
  });
  const registry = createStaticRegistry({
    log,
    targets: { 'chat-service': ['dns:///chat.internal:7000'] },
    resolve,
    lookupEveryMs: 1,
  });
  const list = registry.follow('chat-service');
  const seen: string[][] = [];
  list.onChange(() => seen.push(list.current().map(({ address }) => address)));
  await becomes(list, [{ address: '10.0.0.2:7000', bootId: undefined }]);
  expect(seen).toEqual([['10.0.0.1:7000', '[fd00::1]:7000'], ['10.0.0.2:7000']]);
  expect(resolve).toHaveBeenCalledWith('chat.internal');
  await registry.close();
});

test('the system resolves names', async () => {
  const registry = createStaticRegistry({ log, targets: { 'auth-service': ['dns:///localhost:7000'] } });
  const list = registry.follow('auth-service');
  await list.known();
  expect(list.current().map(({ address }) => address)).toContain('127.0.0.1:7000');
  await registry.close();
});
