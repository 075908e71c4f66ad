// Says every dialogue of a file to a server and compares what devices hold with
// the file. Exit code 0: all equal; 1: not; 2: it could not be done.
import { createImClient } from '@im/common/testing/client/http.ts';
import { startKills } from './kills.ts';
import { type ReplayOptions, readOptions, USAGE, UsageError } from './options.ts';
import { readApiKey, startOwnServer } from './own-server.ts';
import { replay } from './replay.ts';
import { isEqual, type ReplayResult, reportOf } from './report.ts';

// Not left to end by itself: after a failure, devices may still be trying to reconnect.
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === 'help') {
      console.log(USAGE);
      return 0;
    }
    const result = options.server
      ? await replayTo(options, options.server)
      : await replayToOwnServer(options);
    console.log(reportOf(result));
    return isEqual(result) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error);
    return 2;
  }
}

async function replayTo(
  options: ReplayOptions,
  server: { url: string; apiKeyFile: string },
): Promise<ReplayResult> {
  const admin = createImClient(server.url, await readApiKey(server.apiKeyFile));
  const { socketUrl } = await admin.call<{ socketUrl: string }>('GET', '/v1/config');
  return replay({ ...options, server: { admin, socketUrl }, tell });
}

async function replayToOwnServer(options: ReplayOptions): Promise<ReplayResult> {
  const own = await startOwnServer();
  const leave = () => void own.end(false).finally(() => process.exit(130));
  process.once('SIGINT', leave);
  process.once('SIGTERM', leave);
  let failed = true;
  try {
    const admin = createImClient(own.process.httpUrl, own.apiKey);
    const result = await replay({
      ...options,
      server: { admin, socketUrl: own.process.socketUrl },
      startKills: (messages, progress) => startKills(own.process, options.kills, messages, progress),
      tell,
    });
    failed = !isEqual(result);
    return result;
  } finally {
    const kept = await own.end(failed);
    if (kept !== undefined) tell(`the server's data and log are kept in ${kept}`);
    process.off('SIGINT', leave);
    process.off('SIGTERM', leave);
  }
}

function tell(line: string): void {
  console.error(line);
}
