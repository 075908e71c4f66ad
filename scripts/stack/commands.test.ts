import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '@im/common/testing/stack/process-identity.ts';
import { RECIPES } from '@im/common/testing/stack/recipes.ts';
import { startFixture } from '@im/common/testing/stack/start-process.fixture.ts';
import { canStart } from '@im/common/testing/stack/start-server.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { down, type StackFolder, status, up } from './commands.ts';
import { isUp, lastStarted } from './standing-server.ts';

/** So only the two Redis are started: the others are the same code and take long. */
const OTHERS = {
  IM_TEST_MYSQL_URL: 'mysql://given.example',
  IM_TEST_KAFKA_BROKERS: 'given.example:1',
  IM_TEST_ETCD_HOSTS: 'given.example:2',
};

let folder: StackFolder;
let said: string[];
beforeEach(() => {
  said = [];
  const env = { ...process.env, ...OTHERS, IM_TEST_REDIS_URL: '', IM_TEST_SESSION_REDIS_URL: '' };
  folder = { dir: mkdtempSync(join(tmpdir(), 'im-standing-')), env, say: (line) => said.push(line) };
});
afterEach(async () => {
  await down(folder);
  rmSync(folder.dir, { recursive: true, force: true });
});

describe.skipIf(!canStart('redis'))('npm run stack', () => {
  test('up starts what is not given; again, also side by side, it says the same', async () => {
    const [first, second] = await Promise.all([up(folder), up(folder)]);
    expect(first).toMatchObject({ mysql: OTHERS.IM_TEST_MYSQL_URL, etcd: OTHERS.IM_TEST_ETCD_HOSTS });
    expect(second).toEqual(first);
    await RECIPES.redis.ask(Number(new URL(first.redis).port));
    // As in a shell that took the lines over.
    const taken = {
      ...folder.env,
      IM_TEST_REDIS_URL: first.redis,
      IM_TEST_SESSION_REDIS_URL: first['redis-session'],
    };
    expect(await up({ ...folder, env: taken })).toEqual(first);
    await down(folder);
    expect(await up({ ...folder, env: taken })).toEqual(first);
    expect(isUp(lastStarted(folder.dir, 'redis'))).toBe(true);
  });

  test('down ends them, and status says what runs', async () => {
    await up(folder);
    const pid = lastStarted(folder.dir, 'redis')?.process.pid;
    status(folder);
    expect(said).toContainEqual(
      expect.stringMatching(new RegExp(`^redis: Redis .* runs as process ${pid} on redis://`)),
    );
    expect(said).toContain('mysql: given, IM_TEST_MYSQL_URL=mysql://given.example');
    await down(folder);
    expect(isUp(lastStarted(folder.dir, 'redis'))).toBe(false);
    said.length = 0;
    await down(folder);
    expect(said).toContain('redis: was not running');
  });

  test('down ends what a caller started who was killed before it was ready', async () => {
    const caller = await startFixture<object>('../../../scripts/stack/up.fixture.ts', [folder.dir]);
    await caller.kill();
    const server = lastStarted(folder.dir, 'redis-session');
    await down(folder);
    expect(server).toBeDefined();
    expect(server && isRunning(server.process)).toBe(false);
  });

  test('down leaves a process alone that has only got the number', async () => {
    await up(folder);
    const file = join(folder.dir, 'redis', 'server.json');
    const noted = readFileSync(file, 'utf8');
    const record = JSON.parse(noted);
    record.process.startedAt = 'before';
    writeFileSync(file, JSON.stringify(record));
    await down(folder);
    expect(isRunning(JSON.parse(noted).process)).toBe(true);
    writeFileSync(file, noted);
  });
});
