import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nearestName } from '@im/common/config/nearest-name.ts';

/** A command line that cannot be followed; the message says why. */
export class UsageError extends Error {}

/**
 * Reads a command line of flags: `folders` take a path, made absolute, and must
 * be given; `switches` stand alone. 'help' when it was asked for. Throws UsageError.
 */
export function readFlags<Folder extends string, Switch extends string>(
  args: readonly string[],
  folders: readonly Folder[],
  switches: readonly Switch[],
): 'help' | (Record<Folder, string> & Record<Switch, boolean>) {
  const known: string[] = [...folders, ...switches, 'help'];
  const options = Object.fromEntries(
    known.map((name) => [name, { type: isFolder(name) ? 'string' : 'boolean' } as const]),
  );
  const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  if (values.help) return 'help';
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(`${token.value}: not an option`);
    if (token.kind === 'option' && !known.includes(token.name)) {
      const near = nearestName(token.name, known);
      throw new UsageError(
        `${token.rawName}: unknown option${near === undefined ? '' : `, did you mean --${near}?`}`,
      );
    }
  }
  const read: Record<string, string | boolean> = {};
  for (const name of folders) {
    const value = values[name];
    if (typeof value !== 'string' || value === '') throw new UsageError(`--${name} <folder> is needed`);
    read[name] = resolve(value);
  }
  for (const name of switches) read[name] = values[name] === true;
  return read as Record<Folder, string> & Record<Switch, boolean>;

  function isFolder(name: string): boolean {
    return (folders as readonly string[]).includes(name);
  }
}
