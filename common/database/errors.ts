/** Primary result codes of SQLite (the low byte of an extended code). */
const SQLITE_TRANSIENT = new Set([
  5, // BUSY
  6, // LOCKED
  10, // IOERR
  13, // FULL
]);

/** Extended result codes of SQLite: SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID. */
const SQLITE_UNIQUE = new Set([1555, 2067, 2579]);

/** Codes of a MySQL client for a lost connection, a lost lock or a full disk. */
const MYSQL_TRANSIENT = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_DISK_FULL',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_NOWAIT',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_RECORD_FILE_FULL',
  'ER_SERVER_SHUTDOWN',
  'ER_TOO_MANY_USER_CONNECTIONS',
]);

/** True when a row was refused because another has the same primary or unique key, whatever the engine. */
export function isUniqueViolation(error: unknown): boolean {
  const { code, errcode } = codesOf(error);
  if (code === 'ER_DUP_ENTRY') return true;
  return code === 'ERR_SQLITE_ERROR' && SQLITE_UNIQUE.has(errcode);
}

/**
 * True when the same work may succeed later: connection, lock, deadlock, disk.
 * The outcome of a COMMIT that failed so is unknown: whoever remembers what the
 * database holds must read it again.
 */
export function isTransient(error: unknown): boolean {
  const { code, errcode } = codesOf(error);
  if (code === 'ERR_SQLITE_ERROR') return SQLITE_TRANSIENT.has(errcode & 0xff);
  return MYSQL_TRANSIENT.has(code);
}

function codesOf(error: unknown): { code: string; errcode: number } {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return { code: typeof code === 'string' ? code : '', errcode: typeof errcode === 'number' ? errcode : 0 };
}
