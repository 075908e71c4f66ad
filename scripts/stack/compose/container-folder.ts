import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { ComposeService } from './compose-file.ts';
import { type LocalTerms, toLocal } from './local-terms.ts';

/**
 * Makes in `dir` what the container has mounted, and gives the path here of each of
 * its targets: a volume is an empty folder, `data`; of a file there is a copy in terms of
 * this machine; a folder is the original.
 */
export function mountInto(
  dir: string,
  service: ComposeService,
  composeDir: string,
  terms: Omit<LocalTerms, 'paths'>,
): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  for (const target of service.tmpfs) {
    const folder = join(dir, 'tmpfs', target);
    mkdirSync(folder, { recursive: true });
    paths.set(target, folder);
  }
  const files: { from: string; to: string }[] = [];
  for (const { source, target } of service.volumes) {
    const from = resolve(composeDir, source);
    if (!source.startsWith('.')) {
      if ([...paths.values()].includes(join(dir, 'data'))) throw new Error(`${service.name} has two volumes`);
      mkdirSync(join(dir, 'data'));
      paths.set(target, join(dir, 'data'));
    } else if (statSync(from).isDirectory()) {
      paths.set(target, from);
    } else {
      const to = join(dir, 'mounted', basename(from));
      files.push({ from, to });
      paths.set(target, to);
    }
  }
  mkdirSync(join(dir, 'mounted'), { recursive: true });
  for (const { from, to } of files)
    writeFileSync(to, toLocal(readFileSync(from, 'utf8'), { ...terms, paths }, 'container'), {
      mode: statSync(from).mode,
    });
  return paths;
}
