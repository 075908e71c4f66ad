import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { Admin, type AdminOptions } from '@platformatic/kafka';
import type { Command } from './gated-process.ts';
import type { Program } from './programs.ts';
import { ASK_MS, type Recipe } from './recipe.ts';
import { runToEnd } from './run-to-end.ts';
import { template } from './template.ts';

/** Milliseconds to format the storage: 1 s on two free cores. */
const FORMAT_MS = 60_000;

const HEAP = ['-Xms128m', '-Xmx384m'];

/** One Kafka that is its own controller (KRaft). */
export const kafkaRecipe: Recipe = {
  ports: 2,

  async prepare(program, dir, ports) {
    writeKafkaSettings(dir, kafkaSettings('127.0.0.1', ports));
    const data = join(dir, 'data');
    if (existsSync(data)) return;
    const made = await template(program.version, (folder) => format(program, folder));
    const partial = join(dir, 'partial');
    rmSync(partial, { recursive: true, force: true });
    await cp(join(made, 'data'), partial, { recursive: true });
    const meta = join(partial, 'meta.properties');
    writeFileSync(
      meta,
      readFileSync(meta, 'utf8').replace(/^cluster\.id=.*$/m, `cluster.id=${randomUuid()}`),
    );
    renameSync(partial, data);
  },

  command: (program) =>
    kafkaJava(program, [...HEAP, '-XX:+UseSerialGC'], ['kafka.Kafka', 'server.properties']),

  container: (ports) => ({ env: variables(ports), args: [] }),

  ask: (port) => askKafka({ bootstrapBrokers: [`127.0.0.1:${port}`] }),
};

/** Resolves when a client got an answer with these options. */
export async function askKafka(
  options: Pick<AdminOptions, 'bootstrapBrokers' | 'tls' | 'sasl'>,
): Promise<void> {
  const patience = { retries: 0, connectTimeout: ASK_MS, requestTimeout: ASK_MS, timeout: ASK_MS };
  const admin = new Admin({ clientId: 'ready', ...patience, ...options });
  try {
    const { brokers } = await admin.metadata({ topics: [] });
    if (brokers.size === 0) throw new Error('Kafka has no broker yet');
  } finally {
    await admin.close();
  }
}

async function format(program: Program, folder: string): Promise<void> {
  writeKafkaSettings(folder, kafkaSettings('127.0.0.1', [1, 2]));
  await formatKafka(program, folder);
}

/** Makes the storage that the settings in the folder name. */
export async function formatKafka(
  program: Program,
  folder: string,
  more: readonly string[] = [],
): Promise<void> {
  const args = ['kafka.tools.StorageTool', 'format', '-t', randomUuid(), '-c', 'server.properties', ...more];
  await runToEnd(kafkaJava(program, [], args), folder, FORMAT_MS);
}

/** A program of Kafka's: `options` are for Java, `main` is the class with its arguments. */
export function kafkaJava(
  { launch, jars }: Program,
  options: readonly string[],
  main: readonly string[],
): Command {
  const args = [...launch.args, ...options, '-cp', `${jars}/*`, ...main];
  return { file: launch.file, args, env: launch.env };
}

/** An identity as Kafka writes it; none that begins like an option of a command line. */
function randomUuid(): string {
  const uuid = randomBytes(16).toString('base64url');
  return uuid.startsWith('-') ? randomUuid() : uuid;
}

/** For a broker that keeps its storage in `data` of the folder. */
export function writeKafkaSettings(dir: string, settings: Readonly<Record<string, string>>): void {
  const lines = Object.entries({ ...settings, 'log.dirs': join(dir, 'data') });
  writeFileSync(join(dir, 'server.properties'), lines.map(([name, value]) => `${name}=${value}\n`).join(''));
}

/** As the image takes them: `log.dirs` is `KAFKA_LOG_DIRS`. */
function variables(ports: readonly number[]): Record<string, string> {
  const named = Object.entries(kafkaSettings('0.0.0.0', ports)).map(([name, value]) => [
    `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`,
    value,
  ]);
  return { ...Object.fromEntries(named), KAFKA_HEAP_OPTS: HEAP.join(' ') };
}

/** `bind` is the address that clients' connections arrive at. */
export function kafkaSettings(
  bind: string,
  [port, controllerPort]: readonly number[],
): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${bind}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'auto.create.topics.enable': 'false',
    // What has three copies or waits for more members by default, where there is one.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '3',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '3',
    'group.initial.rebalance.delay.ms': '0',
    // After a SIGKILL it waits for its own last registration to run out; 9 s by default.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
  };
}
