// @NOTE Written against the documented command lines of docker and podman; it has
// not been run by the tests, which take programs where there are any.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomToken } from '../../utils/random-id.ts';
import type { Command } from './gated-process.ts';
import type { ProgramKind } from './server-kinds.ts';

/** Milliseconds an engine has to say that it is there. */
const ANSWER_MS = 5_000;
/** Milliseconds for what an engine does with a container; ending one included. */
const ACT_MS = 30_000;
/** Milliseconds to download an image. */
const PULL_MS = 15 * 60_000;

const IMAGES: Readonly<Record<ProgramKind, string>> = {
  mysql: 'mysql:8.4',
  redis: 'redis:7',
  kafka: 'apache/kafka:4.1.0',
  etcd: 'quay.io/coreos/etcd:v3.5.21',
};

/** An image and the engine that runs it. */
export interface ContainerImage {
  readonly engine: 'docker' | 'podman';
  readonly image: string;
}

/** How a server is made in a container; it listens there on the very ports that it has outside. */
export interface ContainerSpec {
  readonly env?: Readonly<Record<string, string>>;
  readonly args: readonly string[];
}

/** The container that a server runs in; what it writes is in it and goes with it. */
export interface Container extends ContainerImage {
  readonly name: string;
}

/** The engine that answers, docker or podman; undefined where none does. */
export function findEngine(): ContainerImage['engine'] | undefined {
  return (['docker', 'podman'] as const).find((engine) => succeeds(engine, ['info'], ANSWER_MS));
}

/** The image of a program, where an engine answers and has it already. */
export function findImage(kind: ProgramKind): ContainerImage | undefined {
  const engine = findEngine();
  const image = IMAGES[kind];
  return engine !== undefined && succeeds(engine, ['image', 'inspect', image], ANSWER_MS)
    ? { engine, image }
    : undefined;
}

export function pullImage(engine: ContainerImage['engine'], kind: ProgramKind): void {
  execFileSync(engine, ['pull', '--quiet', IMAGES[kind]], {
    timeout: PULL_MS,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The container of the server in `dir`: that of last time, else a new one, which does not run yet. */
export function containerIn(
  dir: string,
  image: ContainerImage,
  spec: ContainerSpec,
  ports: readonly number[],
): Container {
  const note = join(dir, 'container');
  if (existsSync(note)) return { ...image, name: readFileSync(note, 'utf8') };
  const name = `im-stack-${randomToken(9)}`;
  const published = ports.flatMap((port) => ['--publish', `127.0.0.1:${port}:${port}`]);
  const env = Object.entries(spec.env ?? {}).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
  act(image.engine, ['create', '--name', name, ...published, ...env, image.image, ...spec.args]);
  writeFileSync(note, name);
  return { ...image, name };
}

/** Runs it as long as the command runs, with its output; SIGTERM is passed on to it. */
export function runContainer({ engine, name }: Container): Command {
  return { file: engine, args: ['start', '--attach', name] };
}

/** Sends a signal to the server in it; one that does not run gets none. */
export function signalContainer({ engine, name }: Container, signal: NodeJS.Signals): void {
  const verb = { SIGSTOP: ['pause'], SIGCONT: ['unpause'] }[signal as string] ?? ['kill', '--signal', signal];
  succeeds(engine, [...verb, name], ACT_MS);
}

/** The command that removes it with all it holds, running or not. */
export function removeContainer({ engine, name }: Container): Command {
  return { file: engine, args: ['rm', '--force', '--volumes', name] };
}

export function removeContainerNow(container: Container): void {
  const { file, args } = removeContainer(container);
  succeeds(file, args, ACT_MS);
}

function succeeds(file: string, args: readonly string[], ms: number): boolean {
  try {
    execFileSync(file, args, { timeout: ms, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function act(file: string, args: readonly string[]): void {
  execFileSync(file, args, { timeout: ACT_MS, stdio: ['ignore', 'ignore', 'inherit'] });
}
