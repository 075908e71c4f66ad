import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The beginning of a command line, and what it needs in its environment. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * How `program` is run from a folder into which Debian packages were unpacked,
 * without anything of them in the system; undefined when it is not there.
 *
 * Where the C library is among the packages (they may be of a later release than
 * this machine), its own loader starts the program, since the machine's loader
 * does not fit it.
 */
export function debianLaunch(root: string, program: string): Launch | undefined {
  const file = join(root, program);
  if (!existsSync(file)) return undefined;
  const libraries = libraryFolders(root);
  const loader = libraries.flatMap((dir) => matching(dir, /^ld-linux.*\.so\.\d$/)).at(0);
  if (loader === undefined)
    return { file, args: [], env: libraries.length > 0 ? { LD_LIBRARY_PATH: libraries.join(':') } : {} };
  return { file: loader, args: ['--library-path', libraries.join(':'), file], env: {} };
}

function libraryFolders(root: string): string[] {
  return ['usr/lib', 'lib']
    .flatMap((dir) => [...matching(join(root, dir), /-linux-gnu\w*$/), join(root, dir)])
    .filter((dir) => existsSync(dir));
}

function matching(dir: string, pattern: RegExp): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => pattern.test(name))
      .map((name) => join(dir, name));
  } catch {
    return [];
  }
}
