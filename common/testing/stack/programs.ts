import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { platformFolder } from './cache-folder.ts';
import { type ContainerImage, findImage } from './container.ts';
import { debianLaunch, type Launch } from './debian-launch.ts';
import { jarFolder } from './kafka-jars.ts';
import type { ProgramKind } from './server-kinds.ts';

/** A server's program that this machine can run. */
export interface Program {
  readonly kind: ProgramKind;
  /** How it is started; arguments follow. For Kafka it is Java. */
  readonly launch: Launch;
  /** What `--version` says: names what it makes, and says to people what is run. */
  readonly version: string;
  /** The folder its packages were unpacked into, for what it looks for in fixed places; undefined for an installed one. */
  readonly root?: string;
  /** Kafka's jars. */
  readonly jars?: string;
  /** Set where it runs in a container. */
  readonly image?: ContainerImage;
}

/** Milliseconds a program has to say its version. */
const VERSION_MS = 10_000;

/** The folder below the platform's where the packages of a program are unpacked. */
export function packageFolder(name: ProgramKind | 'java' | 'maven', env?: NodeJS.ProcessEnv): string {
  return join(platformFolder(env), name);
}

/**
 * The program of a server: an installed one, else one that was fetched, else an
 * image that a container engine has; undefined where there is none.
 */
export function findProgram(kind: ProgramKind, env: NodeJS.ProcessEnv = process.env): Program | undefined {
  const program = findInstalled(kind, env);
  if (program !== undefined) return program;
  const image = findImage(kind);
  return image && { kind, launch: { file: image.engine, args: [], env: {} }, version: image.image, image };
}

function findInstalled(kind: ProgramKind, env: NodeJS.ProcessEnv): Program | undefined {
  switch (kind) {
    case 'mysql':
      return find(kind, 'mysqld', 'usr/sbin/mysqld', ['--no-defaults', '--version'], mysqlVersion, env);
    case 'redis':
      return find(kind, 'redis-server', 'usr/bin/redis-server', ['--version'], redisVersion, env);
    case 'etcd':
      return find(kind, 'etcd', 'usr/bin/etcd', ['--version'], etcdVersion, env);
    case 'kafka':
      return findKafka(env);
  }
}

/** Java 17 or later: JAVA_HOME's, the PATH's, else one that was fetched. */
export function findJava(env: NodeJS.ProcessEnv = process.env): Launch | undefined {
  const installed = [
    ...(env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin', 'java')] : []),
    ...onPath('java', env),
  ].map((file): Launch => ({ file, args: [], env: {} }));
  const root = packageFolder('java', env);
  const fetched = folders(join(root, 'usr/lib/jvm')).map((jvm) =>
    debianLaunch(root, join('usr/lib/jvm', jvm, 'bin/java')),
  );
  return [...installed, ...fetched].find(
    (launch) => launch !== undefined && javaVersion(said(launch, ['-version'])),
  );
}

/** Maven: the PATH's, else one that was fetched. It needs a Java beside it. */
export function findMaven(env: NodeJS.ProcessEnv = process.env): Launch | undefined {
  const installed = onPath('mvn', env).map((file): Launch => ({ file, args: [], env: {} }));
  const script = join(packageFolder('maven', env), 'usr/share/maven/bin/mvn');
  // It is a script for any shell, whatever the packaging did to its rights.
  const fetched = existsSync(script) ? [{ file: '/bin/sh', args: [script], env: {} }] : [];
  return [...installed, ...fetched].at(0);
}

function findKafka(env: NodeJS.ProcessEnv): Program | undefined {
  const jars = jarFolder(env);
  if (!existsSync(jars)) return undefined;
  const core = readdirSync(jars).find((name) => /^kafka_[\d.]+-[\d.]+\.jar$/.test(name));
  const launch = core === undefined ? undefined : findJava(env);
  if (launch === undefined) return undefined;
  return { kind: 'kafka', launch, version: `Kafka ${/-([\d.]+)\.jar$/.exec(core ?? '')?.[1]}`, jars };
}

function find(
  kind: ProgramKind,
  name: string,
  packaged: string,
  askVersion: readonly string[],
  readVersion: (said: string) => string | undefined,
  env: NodeJS.ProcessEnv,
): Program | undefined {
  for (const file of onPath(name, env)) {
    const launch = { file, args: [], env: {} };
    const version = readVersion(said(launch, askVersion));
    if (version !== undefined) return { kind, launch, version };
  }
  const root = packageFolder(kind, env);
  const launch = debianLaunch(root, packaged);
  const version = launch && readVersion(said(launch, askVersion));
  return version === undefined || launch === undefined ? undefined : { kind, launch, version, root };
}

/** MySQL 8 or later, and not MariaDB, which goes by the same name. */
function mysqlVersion(said: string): string | undefined {
  const version = /Ver (\d+\.\d+\.\d+)(?!\S*MariaDB)/.exec(said)?.[1];
  return version !== undefined && Number.parseInt(version, 10) >= 8 ? `MySQL ${version}` : undefined;
}

function redisVersion(said: string): string | undefined {
  const version = /\bv=(\d+\.\d+\.\d+)/.exec(said)?.[1];
  return version !== undefined && Number.parseInt(version, 10) >= 6 ? `Redis ${version}` : undefined;
}

function etcdVersion(said: string): string | undefined {
  const version = /etcd Version: (3\.\d+\.\d+)/.exec(said)?.[1];
  return version === undefined ? undefined : `etcd ${version}`;
}

function javaVersion(said: string): boolean {
  return Number(/version "(\d+)/.exec(said)?.[1] ?? 0) >= 17;
}

/** What a program prints on its outputs; empty when it cannot be run. */
function said(launch: Launch, args: readonly string[]): string {
  try {
    // Java answers on stderr, hence the shell.
    return execFileSync('/bin/sh', ['-c', '"$@" 2>&1', 'sh', launch.file, ...launch.args, ...args], {
      encoding: 'utf8',
      timeout: VERSION_MS,
      env: { ...process.env, ...launch.env },
    });
  } catch {
    return '';
  }
}

/** Where a command is on the PATH, or where the system keeps its servers: these are not on everybody's PATH. */
function onPath(name: string, env: NodeJS.ProcessEnv): string[] {
  const searched = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return searched
    .filter((dir) => dir !== '')
    .flatMap((dir) => (isProgram(join(dir, name)) ? [join(dir, name)] : []));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function folders(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
