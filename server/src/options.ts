import { parseArgs } from 'node:util';
import { ConfigError } from '@im/common/config/config-error.ts';
import { nearestName } from '@im/common/config/nearest-name.ts';

const FLAGS = {
  data: { type: 'string' },
  'http-port': { type: 'string' },
  'ws-port': { type: 'string' },
  'admin-port': { type: 'string' },
  host: { type: 'string' },
  config: { type: 'string' },
  target: { type: 'string' },
  help: { type: 'boolean' },
} as const;

export const USAGE = `Usage: npm start -- [options]

  --data <folder>      where everything is kept (default ./data, IM_DATA_DIR)
  --http-port <n>      HTTP interface, 0 for a free port (default 8080, IM_HTTP_PORT)
  --ws-port <n>        sockets, 0 for a free port (default 8081, IM_WS_PORT)
  --admin-port <n>     metrics and health, on 127.0.0.1 or IM_ADMIN_HOST (default 9090 or a free one, IM_ADMIN_PORT)
  --host <address>     what HTTP and sockets bind to (default 127.0.0.1, IM_HOST)
  --config <file>      settings (default server/etc/server.yaml)
  --target <services>  all, or services with commas between them (default all)
  --help               this
`;

export interface CommandLine {
  readonly help: boolean;
  /** The settings file that was asked for. */
  readonly configFile: string | undefined;
  /** Settings given as flags, in the words of the settings file. */
  readonly settings: Record<string, unknown>;
}

/** Reads the flags of the command. Throws ConfigError with the nearest flag for one that is not known. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, tokens } = parseArgs({ args: [...args], options: FLAGS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') throw new ConfigError(`${token.value}: not an option, see --help`);
    if (token.kind === 'option') checkFlag(token.name, token.rawName, token.value);
  }
  const text = (name: keyof typeof FLAGS) => values[name] as string | undefined;
  return {
    help: values.help === true,
    configFile: text('config'),
    settings: {
      dataDir: text('data'),
      httpPort: portOf('--http-port', text('http-port')),
      wsPort: portOf('--ws-port', text('ws-port')),
      adminPort: portOf('--admin-port', text('admin-port')),
      host: text('host'),
      target: text('target'),
    },
  };
}

function checkFlag(name: string, rawName: string, value: string | undefined): void {
  const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name as keyof typeof FLAGS] : undefined;
  if (flag === undefined || !rawName.startsWith('--')) {
    const nearest = nearestName(name, Object.keys(FLAGS));
    throw new ConfigError(
      `${rawName}: unknown option${nearest === undefined ? '' : `, did you mean --${nearest}?`} See --help`,
    );
  }
  if (flag.type === 'string' && (value === undefined || value === '')) {
    throw new ConfigError(`${rawName}: needs a value`);
  }
}

function portOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new ConfigError(`${flag}: must be a port from 0 to 65535`);
  }
  return Number(text);
}
