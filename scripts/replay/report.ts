import type { DialogueFile } from './dialogues.ts';
import type { Verdict } from './replay-dialogue.ts';

/** Differences that are shown one by one; the rest is counted. */
const SHOWN = 10;

export interface ReplayResult {
  file: DialogueFile;
  verdicts: Verdict[];
  kills: number;
  /** Milliseconds from the first person made to the last line said. */
  sayingMs: number;
  /** Milliseconds of everything. */
  totalMs: number;
}

/** Whether every device that was looked at holds the file. */
export function isEqual({ verdicts }: ReplayResult): boolean {
  return verdicts.every((verdict) => verdict.difference === undefined);
}

/** A short report in words. */
export function reportOf(result: ReplayResult): string {
  const { file, verdicts, kills, sayingMs, totalMs } = result;
  const lines = file.dialogues.flatMap((dialogue) => dialogue.lines);
  const messages = lines.reduce((sum, line) => sum + line.messages.length, 0);
  const different = verdicts.filter((verdict) => verdict.difference !== undefined);
  const languages = Map.groupBy(file.dialogues, (dialogue) => dialogue.language);
  return [
    `dialogues   ${file.dialogues.length}`,
    `lines       ${lines.length} (${messages} messages)`,
    `left out    ${file.emptyLines} empty, ${file.malformedLines} malformed; ${file.splitLines} long ones split`,
    `languages   ${languages.size}: ${[...languages].map(([name, all]) => `${name} ${all.length}`).join(', ')}`,
    `kills       ${kills}`,
    `devices     ${verdicts.length} compared with the file: ${countByDevice(verdicts)}`,
    `mismatches  ${different.length}`,
    `duration    ${seconds(sayingMs)} s to say it all, ${seconds(totalMs)} s with the comparison`,
    `messages/s  ${Math.round((messages * 1_000) / sayingMs)} (people, friendships and sign-ins included)`,
    ...different
      .slice(0, SHOWN)
      .map(({ dialogue, device, difference }) => `  dialogue ${dialogue.number}, ${device}: ${difference}`),
    isEqual(result) ? 'equal: every device holds the file, line for line, in order' : 'NOT EQUAL',
  ].join('\n');
}

function countByDevice(verdicts: readonly Verdict[]): string {
  const groups = Map.groupBy(verdicts, (verdict) => verdict.device);
  return [...groups].map(([name, all]) => `${name} ${all.length}`).join(', ');
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
