import { escape as escapeText } from 'mysql2';

/**
 * A statement's text with its parameters in it. The texts are constants of the
 * code in which `?` is a parameter and nothing else. Sent as text, because a
 * prepared statement would cost a round trip more for each new text, and a JS
 * number would come as a floating point one.
 *
 * Needs the session's sql_mode to be without NO_BACKSLASH_ESCAPES.
 */
export function bindParameters(text: string, parameters: readonly unknown[]): string {
  const parts = text.split('?');
  if (parts.length !== parameters.length + 1) {
    throw new Error(`a statement with ${parts.length - 1} parameters was given ${parameters.length}`);
  }
  let bound = parts[0]!;
  for (let i = 0; i < parameters.length; i++) bound += toMysqlLiteral(parameters[i]) + parts[i + 1];
  return bound;
}

/** A row's values with commas between them. */
export function literalList(values: readonly unknown[]): string {
  let list = '';
  for (let i = 0; i < values.length; i++) list += (i === 0 ? '' : ',') + toMysqlLiteral(values[i]);
  return list;
}

/**
 * A value as MySQL reads it: booleans are 0 and 1. Refused is what would not
 * come back as it was: numbers above 2^53 were rounded before they came here.
 */
export function toMysqlLiteral(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return escapeText(value);
    case 'number':
      if (Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))) {
        return String(value);
      }
      throw new RangeError(`a number that MySQL cannot keep exactly: ${value}`);
    case 'boolean':
      return value ? '1' : '0';
    case 'bigint':
      return String(value);
    default:
      if (value === null) return 'null';
      if (value instanceof Uint8Array) return toHexLiteral(value);
      throw new TypeError(
        `a value that MySQL cannot keep: ${value === undefined ? 'undefined' : typeof value}`,
      );
  }
}

function toHexLiteral({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return `x'${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}'`;
}
