import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { osRelease } from '@im/common/testing/stack/cache-folder.ts';
import { runToEnd } from '@im/common/testing/stack/run-to-end.ts';
import { type Source, sourceLines, systemSources } from './debian-sources.ts';

/** Milliseconds for a download, over a slow line. */
const DOWNLOAD_MS = 10 * 60_000;

/** Which packages, and of which release. */
export interface Wanted {
  /** Names of the same thing in different releases; the first that there is is taken. */
  readonly names: readonly string[];
  /** `unstable`: for what Debian's releases do not have. Everything down to the C library comes from there then. */
  readonly release: 'own' | 'unstable';
}

/**
 * Downloads packages with what they need and unpacks them into `root`, an empty
 * folder. Nothing is installed, no right beyond writing there is needed: apt gets
 * lists, a status and an archive of its own. Throws with what apt said.
 */
export async function unpackPackages(root: string, wanted: Wanted): Promise<void> {
  const work = join(root, '.apt');
  const options = prepareApt(work, wanted.release);
  await runToEnd({ file: 'apt-get', args: [...options, 'update', '-qq'] }, work, DOWNLOAD_MS);
  await download(work, options, wanted.names);
  for (const name of readdirSync(join(work, 'archives'))) {
    if (!name.endsWith('.deb')) continue;
    // The machine's own C library is the one that fits its loader.
    if (wanted.release === 'own' && name.startsWith('libc6_')) continue;
    await runToEnd({ file: 'dpkg', args: ['-x', join(work, 'archives', name), root] }, work, DOWNLOAD_MS);
  }
  rmSync(work, { recursive: true, force: true });
  keepLinksInside(root);
}

async function download(work: string, options: readonly string[], names: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const name of names) {
    const args = ['install', '-y', '-qq', '--download-only', '--no-install-recommends', '--reinstall', name];
    try {
      return await runToEnd({ file: 'apt-get', args: [...options, ...args] }, work, DOWNLOAD_MS);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

function prepareApt(work: string, release: Wanted['release']): string[] {
  const sources = systemSources();
  if (sources.length === 0) throw new Error('this machine names no Debian or kindred sources of its own');
  for (const folder of ['lists/partial', 'archives/partial'])
    mkdirSync(join(work, folder), { recursive: true });
  const list = join(work, 'sources.list');
  writeFileSync(list, (release === 'own' ? sources : unstable(sources)).map(sourceLines).join(''));
  writeFileSync(join(work, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(work, 'lists'),
    // What the machine has need not be fetched; of a later release everything is, to be apart from the machine.
    'Dir::State::status': release === 'own' ? '/var/lib/dpkg/status' : join(work, 'status'),
    'Dir::State::extended_states': join(work, 'extended_states'),
    'Dir::Cache::archives': join(work, 'archives'),
    'Dir::Cache::pkgcache': '',
    'Dir::Cache::srcpkgcache': '',
    // The account that apt would change to may not write here.
    'APT::Sandbox::User': 'root',
    'APT::Get::List-Cleanup': 'false',
    // Nothing of the system is changed, so its lock is not needed; only root could take it.
    'Debug::NoLocking': 'true',
    'Acquire::Retries': '3',
    'Acquire::Languages': 'none',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** The same archive with its suite `unstable`. */
function unstable(sources: readonly Source[]): Source[] {
  const { ID, VERSION_CODENAME } = osRelease();
  const main = sources.find(
    ({ suites, components }) => suites.includes(VERSION_CODENAME ?? '') && components.includes('main'),
  );
  if (ID !== 'debian' || main === undefined) throw new Error('this machine takes nothing from Debian itself');
  return [{ ...main, suites: ['unstable'], components: ['main'] }];
}

/** Links to an absolute place that was unpacked too lead there instead of into the system. */
function keepLinksInside(root: string, dir = root): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) keepLinksInside(root, path);
    if (!entry.isSymbolicLink()) continue;
    const target = readlinkSync(path);
    if (!target.startsWith('/') || !existsSync(join(root, target))) continue;
    unlinkSync(path);
    symlinkSync(relative(dir, join(root, target)), path);
  }
}
