import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run replay -- <file.jsonl> [options]

  --limit <n>           only the first n dialogues
  --concurrency <n>     dialogues at a time (default 200)
  --kills <n>           kill the server with SIGKILL n times on the way (default 0; only its own server)
  --url <http://…>      an existing server instead of one of its own on a temporary folder
  --api-key-file <file> the API key for --url, with the scopes users and tokens
  --help                this
`;

export interface ReplayOptions {
  file: string;
  limit: number;
  concurrency: number;
  kills: number;
  /** An existing server; undefined: start one. */
  server: { url: string; apiKeyFile: string } | undefined;
}

/** A command line that cannot be followed; the message says why. */
export class UsageError extends Error {}

/** Reads the command line; 'help' when it was asked for. Throws UsageError. */
export function readOptions(args: readonly string[]): ReplayOptions | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new UsageError('name one file');
  const kills = wholeNumber('--kills', values.kills, 0, 0);
  if (values.url !== undefined && kills > 0) {
    throw new UsageError('--kills needs a server of its own: leave out --url');
  }
  if ((values.url === undefined) !== (values['api-key-file'] === undefined)) {
    throw new UsageError('--url and --api-key-file belong together');
  }
  return {
    file,
    limit: wholeNumber('--limit', values.limit, Number.POSITIVE_INFINITY, 1),
    concurrency: wholeNumber('--concurrency', values.concurrency, 200, 1),
    kills,
    server:
      values.url !== undefined && values['api-key-file'] !== undefined
        ? { url: values.url, apiKeyFile: values['api-key-file'] }
        : undefined,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        limit: { type: 'string' },
        concurrency: { type: 'string' },
        kills: { type: 'string' },
        url: { type: 'string' },
        'api-key-file': { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function wholeNumber(flag: string, text: string | undefined, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new UsageError(`${flag} must be a whole number of at least ${least}`);
  }
  return value;
}
