import type { ContainerSpec } from './container.ts';
import type { Command } from './gated-process.ts';
import type { Program } from './programs.ts';

/** How one kind of server is run; `dir` is the server's own folder, where it runs too. */
export interface Recipe {
  /** How many ports it needs; clients use the first. */
  readonly ports: number;
  /** Makes what has to be there before it can start; a folder that has it stays as it is. */
  prepare(program: Program, dir: string, ports: readonly number[]): Promise<void>;
  command(program: Program, dir: string, ports: readonly number[]): Command;
  /** The same in a container, which brings what it needs to start. */
  container(ports: readonly number[]): ContainerSpec;
  /** Resolves when a client got an answer; throws otherwise, within a few seconds. */
  ask(port: number): Promise<void>;
}

/** Milliseconds one question may take. */
export const ASK_MS = 3_000;
