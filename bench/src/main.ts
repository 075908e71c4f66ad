import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from './table.ts';
import { catchUp, coldStart, direct, group, idle, on, profile, type Row, TARGETS } from './workloads.ts';

const RESULTS = join(import.meta.dirname, '../results');
const IDLE_SOCKETS = 5_000;

const WORKLOADS: Record<string, (seconds: number) => AsyncGenerator<Row>> = {
  async *direct1(seconds) {
    for (const start of Object.values(TARGETS)) yield await on(start, (target) => direct(target, 1, seconds));
  },
  async *direct8(seconds) {
    for (const start of Object.values(TARGETS)) yield await on(start, (target) => direct(target, 8, seconds));
  },
  async *group(seconds) {
    for (const start of Object.values(TARGETS)) yield await on(start, (target) => group(target, seconds));
  },
  async *idle() {
    for (const start of [TARGETS.echo, TARGETS.imBackend])
      yield await on(start, (target) => idle(target, IDLE_SOCKETS));
  },
  async *catchUp() {
    yield await on(TARGETS.imBackend, catchUp);
  },
  async *profile(seconds) {
    yield await on(TARGETS.imBackend, (target) => profile(target, seconds));
  },
  async *coldStart() {
    yield await coldStart();
  },
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: Object.keys(WORKLOADS) },
    seconds: { type: 'string', default: '5' },
  },
});
const rows: Row[] = [];
for (const name of values.only) {
  const workload = WORKLOADS[name];
  if (!workload) throw new Error(`no workload ${name}; there are ${Object.keys(WORKLOADS).join(', ')}`);
  for await (const row of workload(Number(values.seconds))) {
    rows.push(row);
    console.error(`${row.workload}: ${row.target} done`);
  }
}
const at = new Date().toISOString();
const machine = { node: process.version, cpus: cpus().length, model: cpus()[0]?.model };
await mkdir(RESULTS, { recursive: true });
await writeFile(
  join(RESULTS, `${at.replaceAll(':', '-')}.json`),
  `${JSON.stringify({ at, machine, rows }, undefined, 2)}\n`,
);
console.log(table(rows));
