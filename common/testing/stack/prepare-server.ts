import { type Container, containerIn, runContainer } from './container.ts';
import type { Command } from './gated-process.ts';
import type { Program } from './programs.ts';
import type { Recipe } from './recipe.ts';

/** Makes what the server needs in its folder, which exists, and gives how it is run. */
export async function prepareServer(
  recipe: Recipe,
  program: Program,
  dir: string,
  ports: readonly number[],
): Promise<{ command: Command; container?: Container }> {
  if (program.image !== undefined) {
    const container = containerIn(dir, program.image, recipe.container(ports), ports);
    return { command: runContainer(container), container };
  }
  await recipe.prepare(program, dir, ports);
  return { command: recipe.command(program, dir, ports) };
}
