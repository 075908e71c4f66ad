/** Primary result codes of SQLite (the low byte of an extended code). */
const SQLITE_TRANSIENT = new Set([
  5, // BUSY
  6, // LOCKED
  10, // IOERR
  13, // FULL
]);

/** Extended result codes of SQLite: SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID. */
const SQLITE_UNIQUE = new Set([1555, 2067, 2579]);

/**
 * Codes of MySQL, its client and this folder's MySQL adapter for a lost
 * connection, a lost lock, a full disk, or a server that is starting, stopping or
 * read-only for the moment (a failover).
 */
const MYSQL_TRANSIENT = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'ER_ABORTING_CONNECTION',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_CON_COUNT_ERROR',
  'ER_DISK_FULL',
  'ER_ERROR_DURING_COMMIT',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_NOWAIT',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_NEW_ABORTING_CONNECTION',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
  'ER_READ_ONLY_MODE',
  'ER_RECORD_FILE_FULL',
  'ER_SERVER_SHUTDOWN',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'DATABASE_CONNECTION_LOST',
  'DATABASE_TIMEOUT',
  'DATABASE_BUSY',
]);

/** What this folder's adapters throw themselves where a database cannot do something now. */
export class DatabaseAwayError extends Error {
  /** BUSY: no connection became free in time. TIMEOUT: no answer in time, what became of it is unknown. */
  readonly code: 'DATABASE_CONNECTION_LOST' | 'DATABASE_TIMEOUT' | 'DATABASE_BUSY';

  constructor(code: DatabaseAwayError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseAwayError';
    this.code = code;
  }
}

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
