import { type Container, containerIn, runContainer } from './container.ts';
import type { Command } from './gated-process.ts';
import type { Program } from './programs.ts';
import { RECIPES } from './recipes.ts';
import type { ServerKind } from './server-kinds.ts';

/** Makes what the server needs in its folder, which exists, and gives how it is run. */
export async function prepareServer(
  kind: ServerKind,
  program: Program,
  dir: string,
  ports: readonly number[],
): Promise<{ command: Command; container?: Container }> {
  const recipe = RECIPES[kind];
  if (program.image !== undefined) {
    const container = containerIn(dir, program.image, recipe.container(ports), ports);
    return { command: runContainer(container), container };
  }
  await recipe.prepare(program, dir, ports);
  return { command: recipe.command(program, dir, ports) };
}
