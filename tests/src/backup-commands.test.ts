import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createLogger } from '@im/common/telemetry/log.ts';
import { type ServerProcess, startServerProcess } from '@im/common/testing/server-process.ts';
import { startServer } from '@im/server';
import { backUp } from '@im/server/backup/back-up.ts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Backups, createBackups } from './support/backups.ts';
import { type Person, person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { ask } from './support/raw-http.ts';

const MAIN = join(import.meta.dirname, '../../server/src/main.ts');
const log = createLogger({ level: 'silent' });
/** Milliseconds for what takes some seconds where nothing else runs. */
const PATIENCE_MS = 90_000;
/** Milliseconds until a command has begun, on a machine that does other things too. */
const BEGUN = { timeout: 20_000, interval: 1 };

let product: Product;
let ann: Person;
let dataDir: string;
beforeAll(async () => {
  product = await startProduct();
  ({ dataDir } = product.server);
  ann = await person(product, 'ann');
});
afterAll(() => product.stop());

let backups: Backups;
let to: string;
beforeEach(() => {
  backups = createBackups();
  to = backups.path('backup');
});
afterEach(() => backups.remove());

const portsFile = () => join(dataDir, 'ports.json');
const beginnings = () =>
  readdirSync(backups.path('.')).filter((name) => name.startsWith(`${basename(to)}.unfinished-`));

test('a backup is asked of the server that runs, and a server starts on what is restored of it', async () => {
  mkdirSync(to);
  const backup = backups.run('backup', '--data', dataDir, '--to', to);
  expect(await backup.exit(), backup.stderr).toBe(0);
  expect(backup.stdout).toMatch(
    /^copied chat-service\.db, .*\n[\s\S]*\nbackup of 20.* in .*: 7 files, .*\n$/,
  );

  const restored = backups.path('restored');
  const restore = backups.run('restore', '--from', to, '--data', restored);
  expect(await restore.exit(), restore.stderr).toBe(0);
  expect(restore.stdout).toMatch(/auth-service: sessions ended: 1,[\s\S]*restored the backup of 20/);
  await startsWithAnn(restored);
});

/** Starts a server on the folder and sees whether it knows Ann. */
async function startsWithAnn(folder: string): Promise<void> {
  const server = await startServer({ dataDir: folder, log });
  try {
    const known = await ask(`${server.httpUrl}/v1/admin/users/${ann.uid}/sign-out`, {
      method: 'POST',
      token: product.adminKey,
      body: '{}',
    });
    expect(known.status).toBe(200);
  } finally {
    await server.stop();
  }
}

test.each([
  [['backup', '--data', 'x'], /^--to <folder> is needed\n\nUsage/],
  [['backup', '--date', 'x'], /^--date: unknown option, did you mean --data\?\n/],
  [['backup', '--data', 'missing', '--to', 'x'], /^\/.*\/missing holds no data of a server\n$/],
  [
    ['restore', '--from', 'missing', '--data', 'x'],
    /^\/.*\/missing is no backup: it has no manifest\.json\n$/,
  ],
] as const)('%j is refused', async ([command, ...args], line) => {
  const child = backups.run(command, ...args);
  expect(await child.exit()).toBe(1);
  expect(child.stderr).toMatch(line);
  expect(readdirSync(backups.path('.'))).toEqual([]);
});

test('a backup never goes where something is, nor into the data itself', async () => {
  const take = (place: string) => backUp({ dataDir, to: place, onFile: () => {} });
  mkdirSync(to);
  writeFileSync(join(to, 'mine'), '');
  await expect(take(to)).rejects.toThrow(/is not empty/);
  expect(readdirSync(to)).toEqual(['mine']);
  await expect(take(join(dataDir, 'backup'))).rejects.toThrow(/is inside the data/);
  expect(existsSync(join(dataDir, 'backup'))).toBe(false);
});

test('a server on other data is not mistaken for the one that is asked', async () => {
  const other = await startServer({ dataDir: backups.path('other'), log });
  const own = readFileSync(portsFile(), 'utf8');
  try {
    const { adminPort } = JSON.parse(readFileSync(join(other.dataDir, 'ports.json'), 'utf8'));
    writeFileSync(portsFile(), JSON.stringify({ ...JSON.parse(own), adminPort }));
    const taking = backUp({ dataDir, to, onFile: () => {} });
    // It goes on looking for who holds the lock, and finds it in the end.
    const early = await Promise.race([taking.then(() => 'taken'), ask(`${other.httpUrl}/readyz`)]);
    expect(early).not.toBe('taken');
    writeFileSync(portsFile(), own);
    await taking;
    expect(readFileSync(join(to, 'admin.key'), 'utf8').trim()).toBe(product.adminKey);
  } finally {
    writeFileSync(portsFile(), own);
    await other.stop();
  }
});

test('a server that stops or is killed during a backup leaves none; what a kill leaves is copied without it', {
  timeout: PATIENCE_MS,
}, async () => {
  const server = await startServerProcess({ main: MAIN, folder: backups.path('server') });
  try {
    await during(server, async () => expect(await server.stop()).toBe(0), 'the server is stopping\n');
    expect(beginnings()).toEqual([]);
    await server.start();
    await during(server, () => server.kill(), 'the server went away; there is no backup\n');
    // It has no manifest, and is in nobody's way.
    const [unfinished] = beginnings();
    expect(readdirSync(backups.path(unfinished!))).not.toContain('manifest.json');

    // The ports that a kill leaves may be another server's by now.
    expect(existsSync(join(server.dataDir, 'ports.json'))).toBe(true);
    writeFileSync(join(server.dataDir, 'ports.json'), readFileSync(portsFile()));
    await backUp({ dataDir: server.dataDir, to, onFile: () => {} });
    for (const name of ['keys.json', 'admin.key'])
      expect(readFileSync(join(to, name), 'utf8')).toBe(readFileSync(join(server.dataDir, name), 'utf8'));
    await server.start();
  } finally {
    await server.kill();
  }
});

async function during(server: ServerProcess, ends: () => Promise<void>, line: string): Promise<void> {
  const child = backups.run('backup', '--data', server.dataDir, '--to', to);
  await vi.waitFor(() => expect(beginnings()).toHaveLength(1), BEGUN);
  await ends();
  expect(await child.exit()).toBe(1);
  expect(child.stderr).toBe(line);
  expect(existsSync(to)).toBe(false);
}
