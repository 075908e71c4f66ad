import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { osRelease } from '@im/common/testing/stack/cache-folder.ts';

const MAIN_LIST = '/etc/apt/sources.list';
const MORE_LISTS = '/etc/apt/sources.list.d';

/** One place that this machine takes packages from. */
export interface Source {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Key files or fingerprints, as they stand there. */
  readonly signedBy?: string;
}

/**
 * Where this machine takes its own system from, as its files say: those sources
 * that have a suite of its release. Sources of others, which may be out of
 * reach, are left out. Empty where this is no Debian or kin.
 */
export function systemSources(): Source[] {
  const release = osRelease().VERSION_CODENAME;
  if (!release) return [];
  return sourceFiles()
    .flatMap(({ name, text }) => (name.endsWith('.sources') ? parseStanzas(text) : parseLines(text)))
    .filter(({ suites }) => suites.some((suite) => suite === release || suite.startsWith(`${release}-`)));
}

/** A source as a line of `sources.list`. */
export function sourceLines({ uri, suites, components, signedBy }: Source): string {
  const options = signedBy === undefined ? '' : `[signed-by=${signedBy}] `;
  return suites.map((suite) => `deb ${options}${uri} ${suite} ${components.join(' ')}\n`).join('');
}

/** The form of newer releases: stanzas of `Name: value`, with values that may go on in indented lines. */
export function parseStanzas(text: string): Source[] {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const fields = new Map<string, string>();
      for (const [, name = '', value = ''] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t]+.*)*)/gm))
        fields.set(name.toLowerCase(), value.trim());
      if (fields.get('enabled') === 'no' || !words(fields.get('types')).includes('deb')) return [];
      const signedBy = fields.get('signed-by');
      // A key in the file itself has no form in one line; the system's own keyring holds it as a rule.
      const inFile = signedBy?.includes('BEGIN PGP');
      return words(fields.get('uris')).map((uri) => ({
        uri,
        suites: words(fields.get('suites')),
        components: words(fields.get('components')),
        ...(signedBy === undefined || inFile ? {} : { signedBy: words(signedBy).join(',') }),
      }));
    });
}

/** The older form: `deb [options] uri suite components`. */
export function parseLines(text: string): Source[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) return [];
    const [, options = '', uri = '', suite = '', components] = match;
    const signedBy = /signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri, suites: [suite], components: words(components), ...(signedBy ? { signedBy } : {}) }];
  });
}

function sourceFiles(): { name: string; text: string }[] {
  const names = [MAIN_LIST, ...list(MORE_LISTS).map((name) => join(MORE_LISTS, name))];
  return names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => ({ name, text: read(name) }));
}

function words(text: string | undefined): string[] {
  return text?.split(/\s+/).filter((word) => word !== '') ?? [];
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
