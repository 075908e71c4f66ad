import { mkdirSync, readdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Launch } from '@im/common/testing/stack/debian-launch.ts';
import { KAFKA_VERSION } from '@im/common/testing/stack/kafka-jars.ts';
import { runToEnd } from '@im/common/testing/stack/run-to-end.ts';

/** Milliseconds for a download, over a slow line. */
const DOWNLOAD_MS = 10 * 60_000;

/** The broker, and the tool that formats its storage. */
const ARTIFACTS = ['kafka_2.13', 'kafka-tools'];

/** Fills the empty folder with Kafka's jars and all that they need, from where this machine's Maven takes them. */
export async function fetchKafkaJars(dir: string, maven: Launch, java: Launch): Promise<void> {
  const work = join(dir, '.maven');
  mkdirSync(work);
  writeFileSync(join(work, 'pom.xml'), pom());
  await runToEnd(
    {
      file: maven.file,
      args: [...maven.args, '-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=jars'],
      env: { JAVA_HOME: javaHome(java), ...java.env, ...maven.env },
    },
    work,
    DOWNLOAD_MS,
  );
  for (const name of readdirSync(join(work, 'jars'))) renameSync(join(work, 'jars', name), join(dir, name));
  rmSync(work, { recursive: true, force: true });
}

/** The folder that `bin/java` is in, whatever links lead there. */
function javaHome(java: Launch): string {
  return dirname(dirname(realpathSync(java.file)));
}

function pom(): string {
  const dependencies = ARTIFACTS.map(
    (artifact) =>
      `<dependency><groupId>org.apache.kafka</groupId><artifactId>${artifact}</artifactId><version>${KAFKA_VERSION}</version></dependency>`,
  );
  return `<project><modelVersion>4.0.0</modelVersion><groupId>stack</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>\n`;
}
