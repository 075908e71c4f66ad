// Makes the secrets of deploy/docker-compose.yaml that are not there yet.
import { join, resolve } from 'node:path';
import { UsageError } from './backup/read-flags.ts';
import { runCommand } from './backup/run-command.ts';
import { completeEnvFile } from './deploy-env/env-file.ts';

const USAGE = `Usage: npm run init-env [-- <file>]

  Writes the secrets that deploy/docker-compose.yaml asks for into <file>
  (deploy/.env if not given), readable by its owner alone. Values that are there
  stay; only what is missing is made.
`;

await runCommand(USAGE, async () => {
  const [given, ...rest] = process.argv.slice(2);
  if (given === '--help') {
    process.stdout.write(USAGE);
    return;
  }
  if (given?.startsWith('-') || rest.length > 0) throw new UsageError('name one file at most');
  const file = given === undefined ? join(import.meta.dirname, '../deploy/.env') : resolve(given);
  const added = completeEnvFile(file);
  const what = added.length === 0 ? 'has all of them' : `got ${added.join(', ')}`;
  console.log(`${file} ${what}`);
});
