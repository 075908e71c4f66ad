import { expect, test } from 'vitest';
import { readCommandLine } from './options.ts';

test('flags become settings', () => {
  const { settings, configFile, help } = readCommandLine([
    '--data',
    '/tmp/x',
    '--http-port=0',
    '--admin-port',
    '9999',
    '--config',
    'a.yaml',
  ]);
  expect(settings).toMatchObject({ dataDir: '/tmp/x', httpPort: 0, adminPort: 9999, wsPort: undefined });
  expect([configFile, help]).toEqual(['a.yaml', false]);
});

test.each([
  [['--http-prot', '1'], '--http-prot: unknown option, did you mean --http-port?'],
  [['--zzzzzzzzz'], '--zzzzzzzzz: unknown option'],
  [['-d', 'x'], '-d: unknown option'],
  [['folder'], 'folder: not an option'],
  [['--data'], '--data: needs a value'],
  [['--ws-port', '70000'], '--ws-port: must be a port'],
  [['--ws-port', 'abc'], '--ws-port: must be a port'],
])('%j is refused', (args, problem) => {
  expect(() => readCommandLine(args)).toThrow(problem);
});
