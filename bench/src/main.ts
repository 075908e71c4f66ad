import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { table } from './table.ts';
import type { Target } from './targets/target.ts';
import {
  BARE,
  catchUp,
  coldStart,
  direct,
  group,
  idle,
  on,
  productOf,
  profile,
  type Row,
} from './workloads.ts';

const RESULTS = join(import.meta.dirname, '../results');
const IDLE_SOCKETS = 5_000;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    seconds: { type: 'string', default: '5' },
    cluster: { type: 'boolean', default: false },
    instances: { type: 'string', default: '1' },
  },
});
const seconds = Number(values.seconds);
const product = productOf(values.cluster ? { instances: Number(values.instances) } : undefined);

/** On the bare servers, then on the product. */
async function* compared(
  bare: readonly ((folder: string) => Promise<Target>)[],
  work: (target: Target) => Promise<Row>,
): AsyncGenerator<Row> {
  for (const start of [...bare, product]) yield await on(start, work);
}

const both = [BARE.echo, BARE.sqlite];
const WORKLOADS: Record<string, () => AsyncGenerator<Row>> = {
  direct1: () => compared(both, (target) => direct(target, 1, seconds)),
  direct8: () => compared(both, (target) => direct(target, 8, seconds)),
  group: () => compared(both, (target) => group(target, seconds)),
  idle: () => compared([BARE.echo], (target) => idle(target, IDLE_SOCKETS)),
  async *catchUp() {
    yield await on(product, catchUp);
  },
  async *profile() {
    yield await on(product, (target) => profile(target, seconds));
  },
  async *coldStart() {
    yield await on(product, coldStart);
  },
};

const rows: Row[] = [];
for (const name of values.only ?? Object.keys(WORKLOADS)) {
  const workload = WORKLOADS[name];
  if (!workload) throw new Error(`no workload ${name}; there are ${Object.keys(WORKLOADS).join(', ')}`);
  for await (const row of workload()) {
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
