// Makes a service out of its contract: `npm run new-service -- common/proto/im/poll/v1/poll_service.proto`.
// Run again it adds the RPCs that the contract has gained; what is there is never changed.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describeError } from '@im/common/errors/describe-error.ts';
import { readContract } from './new-service/contract.ts';
import { scaffold } from './new-service/scaffold.ts';

const ROOT = join(import.meta.dirname, '..');
const USAGE = 'Usage: npm run new-service -- common/proto/im/<name>/v1/<name>_service.proto';

const [proto, ...rest] = process.argv.slice(2);
if (proto === undefined || proto.startsWith('-') || rest.length > 0) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(1);
}
try {
  const contract = readContract(ROOT, proto);
  const done = scaffold(ROOT, contract);
  if (done.length > 0) tidy(done.map(({ path }) => path));
  for (const { what, path } of done) console.log(`${what} ${path}`);
  if (done.length === 0) console.log(`${contract.service} has everything its contract names`);
  else
    console.log('next: npm install, npm run gen, npm run check; then a row for each RPC in tests/src/access');
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
}

/** As `npm run fix` does, so that the order of imports is right from the beginning. */
function tidy(paths: string[]): void {
  const files = [...new Set(paths)].filter((path) => /\.(ts|json)$/.test(path));
  const biome = join(ROOT, 'node_modules/.bin/biome');
  execFileSync(biome, ['check', '--write', ...files], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}
