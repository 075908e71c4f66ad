import type { MysqlSession } from './mysql-session.ts';

/** The first release with all that the statements need: `values row(…)`, `skip locked`, utf8mb4_0900_bin. */
const OLDEST = [8, 0, 19] as const;
/** Bytes of the largest statement there may be, several times over. */
const LEAST_PACKET = 8 << 20;

/**
 * Throws a sentence for the operator when the server cannot keep what a COMMIT
 * promises, that what was acknowledged survives a loss of power, or is not the
 * MySQL that the statements are written for.
 */
export async function checkMysqlServer(session: MysqlSession): Promise<void> {
  const [row] = (await session.run(
    `select version() as version, @@innodb_flush_log_at_trx_commit as flush_log,
      @@log_bin as log_bin, @@sync_binlog as sync_binlog, @@max_allowed_packet as max_packet`,
  )) as { version: string; flush_log: number; log_bin: number; sync_binlog: number; max_packet: number }[];
  const { version, flush_log, log_bin, sync_binlog, max_packet } = row!;
  if (!isSupported(version)) {
    throw new Error(`the MySQL server is ${version}; it must be MySQL ${OLDEST.join('.')} or newer`);
  }
  if (flush_log !== 1) {
    throw new Error(
      `MySQL has innodb_flush_log_at_trx_commit=${flush_log}; it must be 1, or messages that were acknowledged can be lost`,
    );
  }
  if (log_bin === 1 && sync_binlog !== 1) {
    throw new Error(
      `MySQL has sync_binlog=${sync_binlog}; it must be 1, or messages that were acknowledged can be lost`,
    );
  }
  if (max_packet < LEAST_PACKET) {
    throw new Error(`MySQL has max_allowed_packet=${max_packet}; it must be at least ${LEAST_PACKET}`);
  }
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
