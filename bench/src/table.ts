import type { Row } from './workloads.ts';

/** The rows as text, each workload with the ratios of the first figure of CPU to the limits measured beside it. */
export function table(rows: readonly Row[]): string {
  const lines: string[] = [];
  for (const [workload, group] of Map.groupBy(rows, (row) => row.workload)) {
    lines.push(workload);
    for (const row of group) {
      const figures = Object.entries(row.figures).map(([name, value]) => `${name} ${short(value)}`);
      lines.push(`  ${row.target.padEnd(24)} ${figures.join(' · ')}`);
    }
    lines.push(...ratios(group).map((ratio) => `  ${ratio}`), '');
  }
  return lines.join('\n');
}

function ratios(group: readonly Row[]): string[] {
  const ours = group.find((row) => row.target === 'im-backend');
  const figure = Object.keys(ours?.figures ?? {}).find(
    (name) => name.startsWith('CPU') || name.startsWith('KiB'),
  );
  if (!ours || !figure) return [];
  return group
    .filter((row) => row !== ours && row.figures[figure] !== undefined)
    .map((row) => `${figure}: ${short(ours.figures[figure]! / row.figures[figure]!)} × ${row.target}`);
}

function short(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}
