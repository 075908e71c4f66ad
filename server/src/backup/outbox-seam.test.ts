import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createLogger } from '@im/common/telemetry/log.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startServer } from '../start-server.ts';
import { takeUpOutbox } from './outbox-seam.ts';

let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'im-seam-'));
  await (await startServer({ dataDir: folder, log: createLogger({ level: 'silent' }) })).stop();
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(service: string, ...statements: string[]): void {
  const database = new DatabaseSync(join(folder, `${service}.db`));
  for (const statement of statements) database.exec(statement);
  database.close();
}

function unsent(service: string): string[] {
  const database = new DatabaseSync(join(folder, `${service}.db`));
  const rows = database
    .prepare('SELECT topic, version FROM outbox WHERE sent_at IS NULL ORDER BY 1, 2')
    .all();
  database.close();
  return rows.map(({ topic, version }) => `${topic} ${version}`);
}

const sent = (topic: string, version: number, kind = 'chat') =>
  `INSERT INTO outbox VALUES ('${topic}', ${version}, '${kind}', x'00', 1, 2)`;
const taken = (topic: string, source: string, version: number) =>
  `INSERT INTO append_position VALUES (0, '${topic}', '${source}', ${version})`;

test('what the copy of chat-service has is not told again, everything else is', () => {
  write('chat-service', taken('g:1', 'friend-service', 2), taken('g:3', 'group-service', 9));
  write(
    'friend-service',
    ...[1, 2, 3, 4].map((version) => sent('g:1', version)),
    sent('g:2', 1),
    // Told by another service: nothing of this one's.
    sent('g:3', 1),
    // What is told to others has no version there.
    sent('auth:1', 1, 'auth'),
  );
  expect(takeUpOutbox(folder, 'friend-service')).toBe(5);
  expect(unsent('friend-service')).toEqual(['auth:1 1', 'g:1 3', 'g:1 4', 'g:2 1', 'g:3 1']);
  expect(takeUpOutbox(folder, 'friend-service')).toBe(0);
});

test('a database without an outbox has nothing to tell; without a copy of chat-service everything is told', () => {
  expect(takeUpOutbox(folder, 'auth-service')).toBe(0);
  write('friend-service', sent('g:1', 1));
  rmSync(join(folder, 'chat-service.db'));
  expect(takeUpOutbox(folder, 'friend-service')).toBe(1);
});
