import type { FaultCounts } from './fault-run.ts';

const COLUMNS: readonly (readonly [title: string, cell: (counts: FaultCounts) => string])[] = [
  ['fault', ({ fault }) => fault],
  ['took', ({ tookMs }) => seconds(tookMs)],
  ['asked', ({ invoked }) => String(invoked)],
  ['answered', ({ answered }) => String(answered)],
  ['refused', ({ refused }) => String(refused)],
  ['not now', ({ momentary }) => String(Object.values(momentary).reduce((sum, count) => sum + count, 0))],
  ['slowest', ({ slowestRefusalMs }) => seconds(slowestRefusalMs)],
  ['pushed', ({ pushed }) => String(pushed)],
  ['resyncs', ({ resyncs }) => String(resyncs)],
  ['members', ({ memberChanges }) => String(memberChanges)],
  ['longest wait', ({ longestWaitMs }) => seconds(longestWaitMs)],
  ['converged', ({ convergedMs }) => (convergedMs === undefined ? 'never' : seconds(convergedMs))],
];

/** What happened around each fault, as a table to print. */
export function faultTable(faults: readonly FaultCounts[]): string {
  const rows = [
    COLUMNS.map(([title]) => title),
    ...faults.map((counts) => COLUMNS.map(([, cell]) => cell(counts))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  '),
    )
    .join('\n');
}

/** Why clients were refused for the moment, and what else is to be said of a fault; a line each. */
export function faultRemarks(faults: readonly FaultCounts[]): string {
  return faults
    .flatMap(({ fault, momentary, complaints }) => [
      ...(Object.keys(momentary).length > 0 ? [`${fault}: not now: ${JSON.stringify(momentary)}`] : []),
      ...complaints.map((complaint) => `${fault}: ${complaint}`),
    ])
    .join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
