import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KAFKA_VERSION } from '@im/common/testing/stack/kafka-jars.ts';
import { runToEnd } from '@im/common/testing/stack/run-to-end.ts';

/** Milliseconds for a download, over a slow line. */
const DOWNLOAD_MS = 10 * 60_000;

/** The broker, and the tool that formats its storage. */
const ARTIFACTS = ['kafka_2.13', 'kafka-tools'];

/** Fills the empty folder with Kafka's jars and all that they need, from where this machine's Maven takes them. */
export async function fetchKafkaJars(dir: string): Promise<void> {
  const work = join(dir, '.maven');
  mkdirSync(work);
  writeFileSync(join(work, 'pom.xml'), pom());
  await runToEnd(
    { file: 'mvn', args: ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=jars'] },
    work,
    DOWNLOAD_MS,
  );
  for (const name of readdirSync(join(work, 'jars'))) renameSync(join(work, 'jars', name), join(dir, name));
  rmSync(work, { recursive: true, force: true });
}

function pom(): string {
  const dependencies = ARTIFACTS.map(
    (artifact) =>
      `<dependency><groupId>org.apache.kafka</groupId><artifactId>${artifact}</artifactId><version>${KAFKA_VERSION}</version></dependency>`,
  );
  return `<project><modelVersion>4.0.0</modelVersion><groupId>stack</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>\n`;
}
