import { resolve } from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from '../backup/read-flags.ts';

export type Command =
  | { readonly name: 'help' }
  | {
      readonly name: 'embedded-to-cluster';
      readonly dataDir: string;
      readonly envFile: string;
      readonly mysql: string | undefined;
      readonly sessions: string | undefined;
      readonly page: number | undefined;
    }
  | {
      readonly name: 'after-restore';
      readonly mysql: string | undefined;
      readonly sessions: string | undefined;
      readonly keepSessions: boolean;
    };

const ADDRESSES = { mysql: { type: 'string' }, sessions: { type: 'string' } } as const;

/** Reads a command line. Throws UsageError. */
export function readCommand([name, ...args]: readonly string[]): Command {
  if (name === undefined || name === '--help' || args.includes('--help')) return { name: 'help' };
  if (name === 'embedded-to-cluster') {
    const { data, env, mysql, sessions, page } = read(args, {
      ...ADDRESSES,
      data: { type: 'string' },
      env: { type: 'string' },
      page: { type: 'string' },
    });
    if (!data) throw new UsageError('--data <folder> is needed');
    if (!env) throw new UsageError('--env <file> is needed');
    if (page !== undefined && !/^[1-9]\d{0,3}$/.test(page))
      throw new UsageError('--page takes a number of rows');
    return {
      name,
      dataDir: resolve(data),
      envFile: resolve(env),
      mysql,
      sessions,
      page: page === undefined ? undefined : Number(page),
    };
  }
  if (name === 'after-restore') {
    const { mysql, sessions, ...switches } = read(args, {
      ...ADDRESSES,
      'keep-sessions': { type: 'boolean' },
    });
    return { name, mysql, sessions, keepSessions: switches['keep-sessions'] === true };
  }
  throw new UsageError(`${name}: no command, only embedded-to-cluster and after-restore`);
}

function read<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
