// Makes a data folder of a backup. Exit code 0: it can be started on; 1: nothing
// has changed.
import { createLogger } from '@im/common/telemetry/log.ts';
import { restoreBackup } from '@im/server/backup/restore-backup.ts';
import { readFlags } from './backup/read-flags.ts';
import { runCommand } from './backup/run-command.ts';

const USAGE = `Usage: npm run restore -- --from <folder> --data <folder> [options]

  --from <folder>   a backup
  --data <folder>   the data folder to be: empty or not there yet; no server may run on it
  --replace         move what is in the data folder aside first
  --keep-sessions   leave devices signed in; only where nothing happened after the backup,
                    as when a stopped server moves to another machine
  --help            this
`;

await runCommand(USAGE, async () => {
  const flags = readFlags(process.argv.slice(2), ['from', 'data'], ['replace', 'keep-sessions']);
  if (flags === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const { manifest, done, movedTo } = await restoreBackup({
    from: flags.from,
    dataDir: flags.data,
    replace: flags.replace,
    keepSessions: flags['keep-sessions'],
    now: Date.now,
    log: createLogger({ level: 'warn' }),
  });
  if (movedTo !== undefined) console.log(`what was there is in ${movedTo}`);
  for (const sentence of done) console.log(sentence);
  console.log(`restored the backup of ${manifest.takenAt} to ${flags.data}`);
});
