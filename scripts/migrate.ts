// Carries the data of the one process to a cluster, and makes a restored cluster
// fit to go on. Exit code 0: done, and held against what it came from; 1: not.
import { createLogger } from '@im/common/telemetry/log.ts';
import { runCommand } from './backup/run-command.ts';
import { addressesOf } from './migrate/addresses.ts';
import { afterRestore } from './migrate/after-restore.ts';
import { embeddedToCluster } from './migrate/embedded-to-cluster.ts';
import { createProgress } from './migrate/progress.ts';
import { readCommand } from './migrate/read-options.ts';

const USAGE = `Usage: npm run migrate -- embedded-to-cluster --data <folder> --env <file> [addresses]
       npm run migrate -- after-restore [addresses] [--keep-sessions]

embedded-to-cluster  copies the data of the one process to the servers of a cluster
  --data <folder>    the data folder; no server may run on it
  --env <file>       gets the keys of the folder as settings (deploy/.env); made where it is missing
  --page <rows>      rows of a transaction, 500 if left out

after-restore        makes restored schemas fit to go on from; no service may run on them
  --keep-sessions    leave devices signed in; only where nothing happened after the backup

addresses
  --mysql <url>      mysql://user:password@host:3306/im_{service}, {service} standing for user,
                     friend, group and chat; IM_DATABASE if left out. With an account for each,
                     im_{service}:{password}: the passwords are IM_MYSQL_USER_PASSWORD and so on
  --sessions <url>   redis://:password@host:6379, the Redis of sessions; IM_SESSIONS if left out
`;

/** Differences that are printed. */
const MOST_PRINTED = 50;

await runCommand(USAGE, async () => {
  const command = readCommand(process.argv.slice(2));
  const common = { now: Date.now, log: createLogger({ level: 'error' }) };
  if (command.name === 'help') {
    process.stdout.write(USAGE);
  } else if (command.name === 'after-restore') {
    const addresses = addressesOf(command, process.env);
    const done = await afterRestore({ ...common, addresses, keepSessions: command.keepSessions });
    for (const sentence of done) console.log(sentence);
    console.log('the services can be started');
  } else {
    const { dataDir, envFile, page } = command;
    const differences = await embeddedToCluster({
      ...common,
      dataDir,
      envFile,
      page,
      addresses: addressesOf(command, process.env),
      progress: createProgress((line) => console.log(line)),
    });
    for (const difference of differences.slice(0, MOST_PRINTED)) console.log(`differs: ${difference}`);
    if (differences.length > 0)
      throw new Error(
        `${differences.length} differences: the copy is not what it came from, and no service starts on it; ` +
          'make the schemas anew, empty the sessions, and run this again',
      );
    console.log(`the copy is what it came from; the keys are in ${envFile}; the services can be started`);
  }
});
