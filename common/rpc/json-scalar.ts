import { ScalarType } from '@bufbuild/protobuf';
import { base64Decode } from '@bufbuild/protobuf/wire';
import { invalidField } from '../errors/im-error.ts';

const INTEGER = /^-?(0|[1-9][0-9]{0,19})$/;

/** Bounds of the integer types, both inclusive. */
const BOUNDS: Partial<Record<ScalarType, readonly [bigint, bigint]>> = {
  [ScalarType.INT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.SINT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.SFIXED32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.UINT32]: [0n, 2n ** 32n - 1n],
  [ScalarType.FIXED32]: [0n, 2n ** 32n - 1n],
  [ScalarType.INT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.SINT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.SFIXED64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.UINT64]: [0n, 2n ** 64n - 1n],
  [ScalarType.FIXED64]: [0n, 2n ** 64n - 1n],
};

/**
 * One value of a proto3 JSON request. Integers come as numbers or as decimal
 * strings; a 64-bit one is returned as bigint, or as a string where the
 * contract says so. Throws INVALID_FIELD with `path`.
 */
export function readScalar(type: ScalarType, longAsString: boolean, json: unknown, path: string): unknown {
  switch (type) {
    case ScalarType.STRING:
      if (typeof json !== 'string') throw invalidField(path, 'must be a string');
      if (!json.isWellFormed()) throw invalidField(path, 'must be valid Unicode');
      return json;
    case ScalarType.BOOL:
      if (typeof json !== 'boolean') throw invalidField(path, 'must be true or false');
      return json;
    case ScalarType.BYTES:
      return readBytes(json, path);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return readFinite(json, path);
    default:
      return readInteger(type, longAsString, json, path);
  }
}

function readInteger(type: ScalarType, longAsString: boolean, json: unknown, path: string): unknown {
  const [lowest, highest] = BOUNDS[type]!;
  const short = highest < 2n ** 32n;
  if (typeof json === 'number' && Number.isSafeInteger(json)) {
    if (json >= lowest && json <= highest) return short ? json : longAsString ? String(json) : BigInt(json);
  } else if (typeof json === 'string' && INTEGER.test(json)) {
    const value = BigInt(json);
    if (value >= lowest && value <= highest) {
      return short ? Number(value) : longAsString ? String(value) : value;
    }
  }
  throw invalidField(path, `must be a whole number from ${lowest} to ${highest}`);
}

function readFinite(json: unknown, path: string): number {
  const value = typeof json === 'string' && json.trim() !== '' ? Number(json) : json;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalidField(path, 'must be a number');
  return value;
}

function readBytes(json: unknown, path: string): Uint8Array {
  if (typeof json !== 'string') throw invalidField(path, 'must be a base64 string');
  try {
    return base64Decode(json);
  } catch {
    throw invalidField(path, 'must be base64');
  }
}
