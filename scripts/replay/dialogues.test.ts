import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDialogues } from './dialogues.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'im-dialogues-'));
  file = join(folder, 'some.jsonl');
});

afterEach(() => rm(folder, { recursive: true }));

function entry(lines: unknown): string {
  return JSON.stringify({ language: 'chinese', topic: 'ai', lines });
}

test('speakers alternate by the line of the file', async () => {
  await writeFile(file, `${entry(['你好', '', '再见'])}\n\n${entry(['one', 'two'])}\n`);
  const read = await readDialogues(file, 10);
  expect(read.dialogues.map(({ number, lines }) => [number, lines])).toEqual([
    [
      1,
      [
        { speaker: 0, messages: ['你好'] },
        { speaker: 0, messages: ['再见'] },
      ],
    ],
    [
      3,
      [
        { speaker: 0, messages: ['one'] },
        { speaker: 1, messages: ['two'] },
      ],
    ],
  ]);
  expect(read.emptyLines).toBe(1);
});

test('a line longer than a message becomes several, cut between characters', async () => {
  const long = `${'字'.repeat(7_999)}😀😀`;
  await writeFile(file, entry([long]));
  const read = await readDialogues(file, 10);
  const messages = read.dialogues[0]?.lines[0]?.messages ?? [];
  expect(messages.map((text) => Array.from(text).length)).toEqual([8_000, 1]);
  expect(messages.join('')).toBe(long);
  expect(read.splitLines).toBe(1);
});

test('half of a surrogate pair is counted and left out', async () => {
  await writeFile(file, entry(['a\ud83d', 'whole']));
  const read = await readDialogues(file, 10);
  expect(read.dialogues[0]?.lines).toEqual([{ speaker: 1, messages: ['whole'] }]);
  expect(read.malformedLines).toBe(1);
});

test('a line that is no dialogue is named', async () => {
  for (const wrong of ['{', '[]', entry('text'), entry([1])]) {
    await writeFile(file, `${entry(['fine'])}\n${wrong}`);
    await expect(readDialogues(file, 10)).rejects.toThrow('line 2');
  }
});

test('no more is read than asked for', async () => {
  await writeFile(file, `${entry(['one'])}\n${entry(['two'])}\nnot looked at`);
  expect((await readDialogues(file, 2)).dialogues).toHaveLength(2);
});
