// Backs a data folder up, while its server runs or without it. Exit code 0: the
// backup is whole and on disk; 1: there is none.
import { backUp } from '@im/server/backup/back-up.ts';
import { readFlags } from './backup/read-flags.ts';
import { runCommand, sizeOf } from './backup/run-command.ts';

const USAGE = `Usage: npm run backup -- --data <folder> --to <folder>

  --data <folder>  the data folder of a server, running or not
  --to <folder>    where the backup will be: a folder that is empty or not there yet
  --help           this
`;

await runCommand(USAGE, async () => {
  const flags = readFlags(process.argv.slice(2), ['data', 'to'], []);
  if (flags === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const { files, takenAt } = await backUp({
    dataDir: flags.data,
    to: flags.to,
    onFile: ({ name, bytes }) => console.log(`copied ${name}, ${sizeOf(bytes)}`),
  });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  console.log(`backup of ${takenAt} in ${flags.to}: ${files.length} files, ${sizeOf(bytes)}`);
});
