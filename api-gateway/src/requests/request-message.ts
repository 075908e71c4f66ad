import { create, type Message } from '@bufbuild/protobuf';
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt';
import { ImError, invalidField } from '@im/common/errors/im-error.ts';
import { parseJsonMessage } from '@im/common/rpc/json-message.ts';
import type { HttpRoute } from '../routes/http-route.ts';
import { readBody } from './body.ts';
import { isDeeperThan } from './json-depth.ts';
import type { JsonObject } from './json-object.ts';
import { readQuery } from './query.ts';
import { textValue } from './text-value.ts';

/** An object without a schema takes two messages a level, and protobuf bounds messages inside messages to 100. */
const MAX_STRUCT_DEPTH = 32;

/** An HTTP request taken apart. */
export interface RequestParts {
  /** By lowerCamelCase name, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** What stands after the question mark. */
  readonly search: string;
  /** Parsed JSON; undefined where there was none. */
  readonly body: unknown;
}

/**
 * The message that a request is: the fields of its path and of its body or query. Where the message has a mask
 * (a PATCH), the keys of the body are it. Throws UNKNOWN_FIELD, INVALID_FIELD, MALFORMED_BODY, EMPTY_PATCH.
 */
export function requestMessage(route: HttpRoute, { params, search, body }: RequestParts): Message {
  const query = readQuery(route, search);
  const json = readBody(route, body);
  refuseDeepStructs(route, json);
  const path: JsonObject = {};
  for (const field of route.pathFields) {
    path[field.jsonName] = textValue(field, params[field.jsonName] ?? '');
  }
  // Spread, not assigned: a key named __proto__ stays a key and is refused as one.
  const message = parseJsonMessage(route.rpc.input, { ...json, ...query, ...path });
  if (route.maskField === undefined) return message;

  const keys = Object.keys(json);
  if (keys.length === 0) throw new ImError('EMPTY_PATCH', 'name at least one field to change');
  const paths = keys.map((key) => route.rpc.input.fields.find(({ jsonName }) => jsonName === key)!.name);
  (message as unknown as JsonObject)[route.maskField.localName] = create(FieldMaskSchema, { paths });
  return message;
}

function refuseDeepStructs(route: HttpRoute, json: JsonObject): void {
  for (const { jsonName, message } of route.rpc.input.fields) {
    if (message?.typeName !== 'google.protobuf.Struct' || !Object.hasOwn(json, jsonName)) continue;
    if (isDeeperThan(MAX_STRUCT_DEPTH, json[jsonName])) throw invalidField(jsonName, 'is nested too deeply');
  }
}
