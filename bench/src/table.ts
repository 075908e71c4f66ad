import type { Row } from './workloads.ts';

/** Parts that cost less are not worth a word. */
const PART_SHOWN = 0.05;

/** The rows as text, each workload with the ratios of the first figure of CPU to the limits measured beside it. */
export function table(rows: readonly Row[]): string {
  const lines: string[] = [];
  for (const [workload, group] of Map.groupBy(rows, (row) => row.workload)) {
    lines.push(workload);
    for (const row of group) {
      const figures = Object.entries(row.figures).map(([name, value]) => `${name} ${short(value)}`);
      lines.push(`  ${row.target.padEnd(24)} ${figures.join(' · ')}`);
      lines.push(...partsLine(row));
    }
    lines.push(...ratios(group).map((ratio) => `  ${ratio}`), '');
  }
  return lines.join('\n');
}

function ratios(group: readonly Row[]): string[] {
  const ours = group.find((row) => row.target.startsWith('im-backend'));
  const figure = costOf(ours);
  if (!ours || !figure) return [];
  return group
    .filter((row) => row !== ours && row.figures[figure] !== undefined)
    .map((row) => `${figure}: ${short(ours.figures[figure]! / row.figures[figure]!)} × ${row.target}`);
}

/** The figure that is compared, and that parts are parts of. */
function costOf(row: Row | undefined): string | undefined {
  return Object.keys(row?.figures ?? {}).find((name) => name.startsWith('CPU') || name.startsWith('KiB'));
}

/** What each process has to do with it, the largest first; beside the services, whose sum it is, the servers. */
function partsLine(row: Row): string[] {
  const parts = Object.entries(row.parts ?? {}).filter(([, value]) => Math.abs(value) >= PART_SHOWN);
  if (parts.length === 0) return [];
  const listed = parts.sort(([, a], [, b]) => b - a).map(([name, value]) => `${name} ${short(value)}`);
  return [`    ${costOf(row)}: ${listed.join(' · ')}`];
}

function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}
