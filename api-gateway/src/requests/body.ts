import { ImError } from '@im/common/errors/im-error.ts';
import type { HttpRoute } from '../routes/http-route.ts';
import { isDeeperThan } from './json-depth.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';

/**
 * Above what messages may be nested (100, which is some 140 levels of JSON), far below what would exhaust the
 * stack of whoever walks through it later.
 */
const MAX_JSON_DEPTH = 200;

/**
 * A body's bytes as parsed JSON; none are an empty object. Throws MALFORMED_BODY for what is not JSON in UTF-8
 * or is nested too deeply.
 */
export function parseBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {};
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ImError('MALFORMED_BODY', 'the body is not JSON in UTF-8');
  }
  if (isDeeperThan(MAX_JSON_DEPTH, json))
    throw new ImError('MALFORMED_BODY', 'the body is nested too deeply');
  return json;
}

/**
 * What a body gives to the request message. Throws MALFORMED_BODY for anything but an object, UNKNOWN_FIELD for
 * what is not the body's to say: fields that the path gives, the mask (the keys are the mask), and on a route
 * without a body everything.
 */
export function readBody(route: HttpRoute, body: unknown): JsonObject {
  const json = body === undefined ? {} : body;
  if (!isJsonObject(json)) throw new ImError('MALFORMED_BODY', 'the body must be a JSON object');
  const refused = route.hasBody
    ? [...route.pathFields, ...(route.maskField ? [route.maskField] : [])].map((field) => field.jsonName)
    : Object.keys(json);
  const field = refused.find((name) => Object.hasOwn(json, name));
  if (field !== undefined) throw new ImError('UNKNOWN_FIELD', 'does not belong into the body', { field });
  return json;
}
