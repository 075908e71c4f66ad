import { readFile } from 'node:fs/promises';
import type { Usage } from './target.ts';

/** Of a second; what Linux counts CPU time in, on every machine that Node runs on. */
const TICKS = 100;
/** What memory is counted in on these machines. */
const PAGE_BYTES = 4096;

/** Where they stand in /proc/<pid>/stat behind the name, which may hold anything. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const RESIDENT_PAGES = 21;

/** What a process of this machine has used, as Linux counts it: in steps of 10 ms. */
export async function processUsage(pid: number): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    cpuSeconds: (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS,
    rssBytes: Number(fields[RESIDENT_PAGES]) * PAGE_BYTES,
  };
}

export function sumOf(usages: readonly Usage[]): Usage {
  return {
    cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    rssBytes: usages.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
  };
}
