import { invalidField } from '@im/common/errors/im-error.ts';
import type { HttpRoute } from '../routes/http-route.ts';
import { isDeeperThan } from './json-depth.ts';
import type { JsonObject } from './json-object.ts';

/** An object without a schema takes two messages a level, and protobuf bounds messages inside messages to 100. */
const MAX_DEPTH = 32;

/**
 * Refuses what protobuf could not carry in the fields that take any JSON object: too many levels, and text that
 * is not Unicode (half a surrogate pair, which JSON can write). Throws INVALID_FIELD.
 */
export function checkStructFields(route: HttpRoute, json: JsonObject): void {
  for (const { jsonName, message } of route.rpc.input.fields) {
    if (message?.typeName !== 'google.protobuf.Struct' || !Object.hasOwn(json, jsonName)) continue;
    const value = json[jsonName];
    if (isDeeperThan(MAX_DEPTH, value)) throw invalidField(jsonName, 'is nested too deeply');
    if (!isWellFormed(value)) throw invalidField(jsonName, 'must be valid Unicode');
  }
}

/** Recursive: only for what is known not to be deep. */
function isWellFormed(json: unknown): boolean {
  if (typeof json === 'string') return json.isWellFormed();
  if (typeof json !== 'object' || json === null) return true;
  return Object.entries(json).every(([key, value]) => key.isWellFormed() && isWellFormed(value));
}
