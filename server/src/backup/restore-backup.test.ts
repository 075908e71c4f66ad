import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockDataFolder } from '@im/common/database/data-folder.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startServer } from '../start-server.ts';
import { backUp } from './back-up.ts';
import { epochOf } from './epoch-of.ts';
import { readManifest } from './manifest.ts';
import { type RestoreOptions, restoreBackup } from './restore-backup.ts';

const log = createLogger({ level: 'silent' });
const NOW = Date.parse('2030-01-01T00:00:00.000Z');

let kept: string;
let folder: string;
let from: string;
let dataDir: string;
beforeAll(async () => {
  kept = mkdtempSync(join(tmpdir(), 'im-backup-kept-'));
  const options = { dataDir: join(kept, 'data'), log };
  await (await startServer(options)).stop();
  await backUp({ ...options, to: join(kept, 'backup'), onFile: () => {} });
});
afterAll(() => rmSync(kept, { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'im-restore-'));
  from = join(folder, 'backup');
  dataDir = join(folder, 'data');
  cpSync(join(kept, 'backup'), from, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const restore = (options: Partial<RestoreOptions> = {}) =>
  restoreBackup({ from, dataDir, replace: false, keepSessions: false, now: () => NOW, log, ...options });

test('a data folder is made of a backup, with another epoch and for its owner alone', async () => {
  const { manifest, movedTo, done } = await restore();
  expect(movedTo).toBeUndefined();
  expect(readdirSync(dataDir).sort()).toEqual(manifest.files.map(({ name }) => name).sort());
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(dataDir))
    expect(statSync(join(dataDir, name)).mode & 0o777, name).toBe(0o600);
  const epoch = epochOf(join(dataDir, 'chat-service.db'));
  expect(manifest.epoch).toBe(epochOf(join(from, 'chat-service.db')));
  expect(epoch).not.toBe(manifest.epoch);
  expect(done).toContain('chat-service: a new epoch, every client syncs afresh');
  // The backup is as it was: it can be restored again, and to yet another epoch.
  const second = join(folder, 'second');
  expect(await restore({ dataDir: second })).toMatchObject({ manifest: readManifest(from) });
  expect(epochOf(join(second, 'chat-service.db'))).not.toBe(epoch);
});

test('data that is there is moved aside only when it is said', async () => {
  await restore();
  writeFileSync(join(dataDir, 'mark'), 'the first');
  await expect(restore()).rejects.toThrow(/holds data already: .* --replace/);
  const { movedTo } = await restore({ replace: true });
  expect(movedTo).toBe(`${dataDir}.replaced-2030-01-01T00-00-00-000Z`);
  expect(readFileSync(join(movedTo!, 'mark'), 'utf8')).toBe('the first');
  expect(readdirSync(dataDir)).not.toContain('mark');
  // At the same moment once more: nothing is written over.
  await expect(restore({ replace: true })).rejects.toThrow(/exists already/);
  expect(readdirSync(folder).sort()).toEqual(['backup', 'data', 'data.replaced-2030-01-01T00-00-00-000Z']);
});

test('a folder that a server works on is left alone', async () => {
  await restore();
  const lock = lockDataFolder(dataDir);
  try {
    for (const replace of [false, true])
      await expect(restore({ replace })).rejects.toThrow(/another im-backend is running on/);
  } finally {
    lock.release();
  }
});

test("somebody's own files are not moved away for a slip of the pen", async () => {
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'letter.txt'), 'dear');
  await expect(restore({ replace: true })).rejects.toThrow(/holds no data of a server/);
  expect(readdirSync(dataDir)).toEqual(['letter.txt']);
});

const change = (file: string, made: (content: string) => string) =>
  writeFileSync(join(from, file), made(readFileSync(join(from, file), 'utf8')));

test.each<[what: string, damage: () => void, says: RegExp]>([
  [
    'a changed file',
    () => change('keys.json', (keys) => keys.replace(/.\n$/, '!\n')),
    /the backup is damaged/,
  ],
  ['half a database', () => truncateSync(join(from, 'chat-service.db'), 4_096), /the backup is damaged/],
  [
    'a missing file',
    () => renameSync(join(from, 'user-service.db'), join(from, 'x')),
    /user-service\.db cannot be copied/,
  ],
  ['no manifest', () => rmSync(join(from, 'manifest.json')), /is no backup/],
  ['half a manifest', () => truncateSync(join(from, 'manifest.json'), 100), /cannot be read/],
  ['a manifest of a later release', () => change('manifest.json', () => '{"format": 2}'), /newer release/],
  [
    'a manifest that reaches outside',
    () => change('manifest.json', (text) => text.replace('"keys.json"', '"../keys.json"')),
    /is not as this server writes it/,
  ],
])('of a backup with %s nothing is made', async (_what, damage, says) => {
  damage();
  await expect(restore()).rejects.toThrow(says);
  expect(readdirSync(folder)).toEqual(['backup']);
});
