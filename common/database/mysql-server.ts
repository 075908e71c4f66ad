import type { MysqlSession } from './mysql-session.ts';

/** The first release with all that the statements need: `values row(…)`, `skip locked`, utf8mb4_0900_bin. */
const OLDEST = [8, 0, 19] as const;
/** Bytes of the largest statement there may be, several times over. */
const LEAST_PACKET = 8 << 20;

/** What of a server decides whether it can be used. */
export interface MysqlServer {
  readonly version: string;
  /** `innodb_flush_log_at_trx_commit`. */
  readonly flush_log: number;
  /** Whether there is a binlog: 1 or 0. */
  readonly log_bin: number;
  readonly sync_binlog: number;
  /** `max_allowed_packet`, bytes. */
  readonly max_packet: number;
}

/** Throws a sentence for the operator when the server must not be used. */
export async function checkMysqlServer(session: MysqlSession): Promise<void> {
  const [server] = await session.run(
    `select version() as version, @@innodb_flush_log_at_trx_commit as flush_log,
      @@log_bin as log_bin, @@sync_binlog as sync_binlog, @@max_allowed_packet as max_packet`,
  );
  const unfit = whyUnfit(server as MysqlServer);
  if (unfit !== undefined) throw new Error(unfit);
}

/**
 * Why a server must not be used: it cannot keep what a COMMIT promises, that what
 * was acknowledged survives a loss of power, or is not the MySQL that the
 * statements are written for. Undefined when it may.
 */
export function whyUnfit(server: MysqlServer): string | undefined {
  const { version, flush_log, log_bin, sync_binlog, max_packet } = server;
  if (!isSupported(version)) {
    return `the MySQL server is ${version}; it must be MySQL ${OLDEST.join('.')} or newer`;
  }
  if (flush_log !== 1) return unsafe('innodb_flush_log_at_trx_commit', flush_log);
  if (log_bin === 1 && sync_binlog !== 1) return unsafe('sync_binlog', sync_binlog);
  if (max_packet < LEAST_PACKET) {
    return `MySQL has max_allowed_packet=${max_packet}; it must be at least ${LEAST_PACKET}`;
  }
  return undefined;
}

function unsafe(name: string, value: number): string {
  return `MySQL has ${name}=${value}; it must be 1, or messages that were acknowledged can be lost`;
}

/** MariaDB says so in its version. */
function isSupported(version: string): boolean {
  const numbers = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (numbers === undefined || /mariadb/i.test(version)) return false;
  for (const [i, least] of OLDEST.entries()) {
    if (numbers[i] !== least) return numbers[i]! > least;
  }
  return true;
}
