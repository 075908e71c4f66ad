import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { unknownVariables } from './environment.ts';
import { loadConfig } from './load-config.ts';

const schema = z.strictObject({
  directMessages: z.enum(['friends', 'anyone']).default('friends'),
  port: z.int().min(0).max(65535).default(8080),
  secret: z.string().default(''),
  origins: z.array(z.string()).default([]),
  verbose: z.boolean().default(false),
  limits: z
    .strictObject({ framesPerSecond: z.int().positive().default(1000), burst: z.int().default(2000) })
    .prefault({}),
});
const folder = mkdtempSync(join(tmpdir(), 'im-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function yaml(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('nothing set is all defaults', () => {
  expect(loadConfig(schema, {})).toEqual({
    directMessages: 'friends',
    port: 8080,
    secret: '',
    origins: [],
    verbose: false,
    limits: { framesPerSecond: 1000, burst: 2000 },
  });
});

test('the file is weaker than the environment, which is weaker than the caller', () => {
  const file = yaml('all.yaml', 'port: 1\ndirectMessages: anyone\nlimits:\n  burst: 5\nsecret: abc\n');
  const env = {
    IM_PORT: '2',
    IM_LIMITS_FRAMES_PER_SECOND: '7',
    IM_SECRET: '007',
    IM_ORIGINS: 'a, b',
    OTHER: 'x',
  };
  const config = loadConfig(schema, { file, env, prefix: 'IM', overrides: { port: 3 } });
  expect(config).toEqual({
    directMessages: 'anyone',
    port: 3,
    secret: '007',
    origins: ['a', 'b'],
    verbose: false,
    limits: { framesPerSecond: 7, burst: 5 },
  });
});

test('an empty section means its defaults', () => {
  expect(loadConfig(schema, { file: yaml('empty.yaml', 'limits:\nport:\n') }).limits.burst).toBe(2000);
});

test('an unknown key is refused with the nearest name', () => {
  const file = yaml('typo.yaml', 'directMesages: anyone\n');
  expect(problemOf(() => loadConfig(schema, { file }))).toBe(
    `${file}: directMesages: unknown key, did you mean directMessages?`,
  );
  const nested = yaml('nested.yaml', 'limits:\n  brust: 1\n');
  expect(problemOf(() => loadConfig(schema, { file: nested }))).toBe(
    `${nested}: limits.brust: unknown key, did you mean burst?`,
  );
});

test('an unknown key is refused also where the schema itself is lenient', () => {
  expect(
    problemOf(() => loadConfig(z.object({ a: z.string().default('') }), { overrides: { b: 1 } })),
  ).toContain('b: unknown key');
});

test('a bad value is named with where it stands', () => {
  const file = yaml('bad.yaml', 'port: 99999\n');
  expect(problemOf(() => loadConfig(schema, { file }))).toMatch(/bad\.yaml: port: .*65535/);
  expect(problemOf(() => loadConfig(schema, { env: { IM_DIRECT_MESSAGES: 'all' }, prefix: 'IM' }))).toMatch(
    /^IM_DIRECT_MESSAGES: directMessages: .*friends/,
  );
  expect(problemOf(() => loadConfig(schema, { env: { IM_PORT: 'many' }, prefix: 'IM' }))).toMatch(
    /^IM_PORT: port: /,
  );
});

test('a file that is missing, broken or no map is one line', () => {
  const missing = join(folder, 'missing.yaml');
  expect(problemOf(() => loadConfig(schema, { file: missing }))).toBe(`${missing}: there is no such file`);
  expect(problemOf(() => loadConfig(schema, { file: yaml('list.yaml', '- a\n') }))).toContain(
    'must be a map',
  );
  const broken = problemOf(() => loadConfig(schema, { file: yaml('broken.yaml', 'a: [1\nb: }\n') }));
  expect(broken).toContain('broken.yaml: ');
  expect(broken).not.toContain('\n');
});

test('a variable that sets nothing is told with the nearest one', () => {
  const known = ['IM_PORT', 'IM_DIRECT_MESSAGES'];
  expect(unknownVariables('IM', known, { IM_DIRECT_MESAGES: 'x', IM_PORT: '1', PATH: '' })).toEqual([
    'IM_DIRECT_MESAGES sets nothing, did you mean IM_DIRECT_MESSAGES?',
  ]);
});
