// Generates common/gen from the contracts: the TypeScript of every message and
// service, and the descriptor set that OpenAPI and reflection are made of.
// With --check nothing is written; stale files are listed and the exit code is 1.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const GENERATED = join(ROOT, 'common/gen');
const DESCRIPTOR_SET = 'im.binpb';

function buf(args: string[]): void {
  const bin = join(ROOT, 'node_modules/.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };
  execFileSync(join(bin, 'buf'), args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
}

function generateInto(folder: string): void {
  // The validation options come generated with @bufbuild/protovalidate.
  buf(['generate', '--exclude-path', 'common/third_party/buf', '--output', folder]);
  buf(['build', '--output', join(folder, 'common/gen', DESCRIPTOR_SET)]);
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function staleFiles(fresh: string): string[] {
  const names = new Set([...filesOf(fresh), ...filesOf(GENERATED)]);
  return [...names].filter((name) => {
    const [now, then] = [join(fresh, name), join(GENERATED, name)];
    return !existsSync(now) || !existsSync(then) || !readFileSync(now).equals(readFileSync(then));
  });
}

const scratch = mkdtempSync(join(tmpdir(), 'im-gen-'));
try {
  generateInto(scratch);
  const fresh = join(scratch, 'common/gen');
  const stale = staleFiles(fresh);
  if (process.argv.includes('--check')) {
    for (const name of stale.sort()) console.log(`stale: common/gen/${name}`);
    if (stale.length > 0) process.exitCode = 1;
    console.log(stale.length > 0 ? 'run "npm run gen"' : 'common/gen is current');
  } else {
    for (const name of stale) {
      if (existsSync(join(fresh, name))) cpSync(join(fresh, name), join(GENERATED, name));
      else rmSync(join(GENERATED, name));
    }
    console.log(`common/gen: ${stale.length} files changed`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}
