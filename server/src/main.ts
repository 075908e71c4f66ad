import { join, relative } from 'node:path';
import { unknownVariables, variableNames } from '@im/common/config/environment.ts';
import { loadConfig } from '@im/common/config/load-config.ts';
import { runMain } from '@im/common/lifecycle/run-main.ts';
import { ENVIRONMENT_PREFIX } from '@im/common/service/run-alone.ts';
import { createLogger } from '@im/common/telemetry/log.ts';
import { serverConfig } from './config.ts';
import { MODULES } from './modules.ts';
import { readCommandLine, USAGE } from './options.ts';
import { sharedProcess } from './shared-process.ts';
import { openServer, type RunningServer } from './start-server.ts';

const DEFAULT_CONFIG_FILE = join(import.meta.dirname, '../etc/server.yaml');

await runMain(async (leaving) => {
  const { help, configFile, settings } = readCommandLine(process.argv.slice(2));
  if (help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const file = configFile ?? relative('.', DEFAULT_CONFIG_FILE);
  const env = process.env;
  const config = loadConfig(serverConfig, {
    file,
    env,
    prefix: ENVIRONMENT_PREFIX,
    overrides: settings,
    overridesFrom: 'command line',
  });
  const log = createLogger(config.log);
  const known = [serverConfig, ...MODULES.map((module) => module.config)].flatMap((schema) =>
    variableNames(schema, ENVIRONMENT_PREFIX),
  );
  for (const problem of unknownVariables(ENVIRONMENT_PREFIX, known, env)) log.warn(problem);
  const { target: targets, ...options } = config;
  const shared = sharedProcess(config, file);
  const server = await openServer({ ...options, ...shared, targets, where: file, env, log, leaving });
  announce(server);
  return server;
});

function announce(server: RunningServer): void {
  const lines = [
    `HTTP      ${server.httpUrl || 'does not run here'}`,
    `sockets   ${server.wsUrl || 'does not run here'}`,
    `admin     ${server.adminUrl}`,
    `data      ${server.dataDir}`,
    `admin key ${server.adminKeyFile}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  server.ready().then(
    // Counted from when the process began.
    () => process.stdout.write(`ready in ${Math.round(performance.now())} ms\n`),
    // Told to stop before: nothing to say.
    () => {},
  );
}
