import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from '@im/common/testing/stack/gated-process.ts';
import { findProgram, type Program } from '@im/common/testing/stack/programs.ts';
import type { ProgramKind } from '@im/common/testing/stack/server-kinds.ts';
import type { ComposeService } from '../compose-file.ts';
import type { LocalTerms } from '../local-terms.ts';

/** A container that is about to be played by a process of this machine. */
export interface Container {
  readonly service: ComposeService;
  /** Its own folder; `data` in it is its volume. */
  readonly dir: string;
  /** Where the compose file is. */
  readonly composeDir: string;
  readonly terms: LocalTerms;
  /** Its own variables in terms of this machine. */
  readonly env: Readonly<Record<string, string>>;
  /** Its command in terms of this machine. */
  readonly command: readonly string[];
}

/** The process that plays it. */
export interface Played {
  /** Its environment is added to the container's. */
  readonly command: Command;
  readonly cwd: string;
  /** What the image does in a new volume, once the process runs; waits for it. */
  readonly initialize?: (run: Running) => Promise<void>;
  /** Its data matter to nobody once it is to end. */
  readonly isServer: boolean;
}

export interface Running {
  /** As the health check gets it too. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  hasEnded(): boolean;
}

/** What an image does at its start. Throws for settings of the image that it does not know. */
export type Image = (container: Container) => Promise<Played>;

/** A folder that comes first on the PATH of the container. */
export function binFolder(dir: string): string {
  return join(dir, 'bin');
}

/** Makes a program of the container: `command` with the arguments it is called with, then `more`. */
export function addProgram(dir: string, name: string, command: Command, more: readonly string[] = []): void {
  const file = join(binFolder(dir), name);
  const env = Object.entries(command.env ?? {}).map(([key, value]) => `${key}=${value}`);
  const before = [...(env.length > 0 ? ['env', ...env] : []), command.file, ...command.args].map(quoted);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\nexec ${before.join(' ')} "$@" ${more.map(quoted).join(' ')}\n`);
  chmodSync(file, 0o755);
}

/** A client of ours that takes the place of one that the image has. */
export function addClient(dir: string, name: string, env: Readonly<Record<string, string>>): void {
  const script = join(import.meta.dirname, '..', 'clients', `${name}.ts`);
  addProgram(dir, name, { file: process.execPath, args: [script], env });
}

export function programOf(kind: ProgramKind): Program {
  const program = findProgram(kind);
  if (program === undefined) throw new Error(`there is no ${kind} on this machine: npm run stack -- fetch`);
  if (program.image !== undefined)
    throw new Error(
      `there is ${kind} for a container engine only, and that one runs the compose file itself`,
    );
  return program;
}

/** Whether this machine can play containers of these: programs count, images do not. */
export function canPlay(kinds: readonly ProgramKind[]): boolean {
  const programs = kinds.map((kind) => findProgram(kind));
  return programs.every((program) => program !== undefined && program.image === undefined);
}

/** The file of this machine that stands for one of the container. */
export function mounted({ service, terms }: Container, target: string): string {
  const file = terms.paths.get(target);
  if (file === undefined) throw new Error(`${service.name} mounts nothing on ${target}`);
  return file;
}

/** Refuses variables that the image reads and that are not tried out here. */
export function requireKnown({ service }: Container, prefix: string, known: readonly string[]): void {
  const unknown = Object.keys(service.environment).find(
    (name) => name.startsWith(prefix) && !known.includes(name),
  );
  if (unknown !== undefined) throw new Error(`${service.name}: what ${unknown} does is not known here`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
