import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HistoryEntry } from './history.ts';
import { readHistory, writeHistory } from './history-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'im-history-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a history that was written is read back', async () => {
  const history: HistoryEntry[] = [
    { entry: 'server', what: 'killed', at: '2026-01-01T00:00:00.000Z' },
    { entry: 'welcomed', device: 'ann', uid: '1', epoch: 'one\ntwo' },
  ];
  const file = join(folder, 'history.jsonl');
  await writeHistory(file, history);
  expect(await readHistory(file)).toEqual(history);
});

test('a line that is not JSON is named', async () => {
  const file = join(folder, 'history.jsonl');
  await writeFile(file, '{"entry":"server","what":"killed"}\n{"entry":\n');
  await expect(readHistory(file)).rejects.toThrow(`${file}:2: not a line of a history`);
});
