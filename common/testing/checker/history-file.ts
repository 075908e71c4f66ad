import { readFile, writeFile } from 'node:fs/promises';
import type { HistoryEntry } from './history.ts';

/** Writes a history, one entry a line. */
export async function writeHistory(file: string, entries: readonly HistoryEntry[]): Promise<void> {
  await writeFile(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

/** Reads a history back. Throws with the number of the line that is not JSON. */
export async function readHistory(file: string): Promise<HistoryEntry[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as HistoryEntry];
    } catch (cause) {
      throw new Error(`${file}:${index + 1}: not a line of a history`, { cause });
    }
  });
}
