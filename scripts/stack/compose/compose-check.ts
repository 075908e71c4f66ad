import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError } from '@im/common/config/config-error.ts';
import { temporaryFolder } from '@im/common/testing/stack/temporary-folder.ts';
import { completeEnvFile, readEnvFile } from '../../deploy-env/env-file.ts';
import type { Variables } from '../../deploy-env/variables.ts';
import { readComposeFile } from './compose-file.ts';
import { type PlayedCompose, playCompose } from './play-compose.ts';
import { untilTold } from './until-told.ts';

const COMPOSE_FILE = join(import.meta.dirname, '../../../deploy/docker-compose.yaml');

export interface ComposeCheckOptions {
  /** Run once all are healthy; without it they stay until the signal. */
  readonly run: string | undefined;
  readonly variables: Variables;
  readonly scale: Readonly<Record<string, number>>;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Runs the compose file as processes of this machine, and a command against it. Gives the
 * command's exit code, after all has ended.
 */
export async function composeCheck(options: ComposeCheckOptions): Promise<number> {
  const { run, variables, scale, signal, say } = options;
  const file = readComposeFile(COMPOSE_FILE, variables);
  const played = await playCompose({ file, scale, signal, say });
  try {
    const addresses = addressesOf(played, variables);
    for (const [name, value] of Object.entries(addresses)) say(`${name}=${value}`);
    if (run !== undefined) return await runCommand(run, addresses, signal);
    say('until Ctrl-C');
    await untilTold(signal);
    return 0;
  } finally {
    await played.stop();
  }
}

/** Reads the command line of it. Throws ConfigError for what it cannot follow. */
export function readComposeArgs(
  args: readonly string[],
): Pick<ComposeCheckOptions, 'run' | 'variables' | 'scale'> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      run: { type: 'string' },
      env: { type: 'string' },
      scale: { type: 'string', multiple: true, default: [] },
    },
  });
  const scale = values.scale.map((text) => /^([\w-]+)=([1-9]\d?)$/.exec(text) ?? text);
  const wrong = scale.find((match) => typeof match === 'string');
  if (wrong !== undefined) throw new ConfigError(`--scale ${wrong}: must be <service>=<count>`);
  return {
    run: values.run,
    variables: values.env === undefined ? freshVariables() : readEnvFile(resolve(values.env)),
    scale: Object.fromEntries(scale.map((match) => [match[1], Number(match[2])])),
  };
}

/** As `init-env` makes them in a new file. */
function freshVariables(): Variables {
  const folder = temporaryFolder('im-compose-env-');
  const file = join(folder.path, '.env');
  completeEnvFile(file);
  const variables = readEnvFile(file);
  folder.remove();
  return variables;
}

function addressesOf(played: PlayedCompose, variables: Variables): Record<string, string> {
  return {
    IM_HTTP_URL: `http://${played.address('api-gateway', 8080)}`,
    IM_WS_URL: `ws://${played.address('ws-gateway', 8081)}/ws`,
    IM_ADMIN_KEY: variables.IM_ADMIN_KEY ?? '',
  };
}

async function runCommand(
  command: string,
  addresses: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<number> {
  const child = spawn('/bin/sh', ['-c', command], {
    stdio: 'inherit',
    env: { ...process.env, ...addresses },
  });
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  const [code] = await once(child, 'exit');
  signal.removeEventListener('abort', end);
  // Ended by a signal, as a shell would tell it.
  return code ?? 1;
}
