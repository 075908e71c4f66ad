import { create, type Message } from '@bufbuild/protobuf';
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt';
import { ImError } from '@im/common/errors/im-error.ts';
import { parseJsonMessage } from '@im/common/rpc/json-message.ts';
import type { HttpRoute } from '../routes/http-route.ts';
import { readBody } from './body.ts';
import type { JsonObject } from './json-object.ts';
import { readQuery } from './query.ts';
import { checkStructFields } from './struct-fields.ts';
import { textValue } from './text-value.ts';

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
  checkStructFields(route, json);
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
