import type { SQLInputValue } from 'node:sqlite';

/**
 * What a query's parameters are to SQLite: booleans are 0 and 1, whole numbers
 * are integers. (node:sqlite binds every JS number as a REAL, so that 5 in a
 * text column would become '5.0'.) Numbers above 2^53 are refused: they would
 * have been rounded before they came here.
 */
export function toSqliteParameters(parameters: readonly unknown[]): SQLInputValue[] {
  const values = new Array<SQLInputValue>(parameters.length);
  for (let i = 0; i < parameters.length; i++) values[i] = toSqliteValue(parameters[i]);
  return values;
}

function toSqliteValue(value: unknown): SQLInputValue {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      if (Number.isSafeInteger(value)) return BigInt(value);
      if (!Number.isFinite(value) || Number.isInteger(value)) {
        throw new RangeError(`a number that SQLite cannot keep exactly: ${value}`);
      }
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'bigint':
      return value;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError(
        `a value that SQLite cannot keep: ${value === undefined ? 'undefined' : typeof value}`,
      );
  }
}
