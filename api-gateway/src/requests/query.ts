import { ImError, invalidField } from '@im/common/errors/im-error.ts';
import type { HttpRoute } from '../routes/http-route.ts';
import type { JsonObject } from './json-object.ts';
import { textValue } from './text-value.ts';

/**
 * What the query gives to the request message, as JSON. Throws UNKNOWN_FIELD for a parameter that is no field
 * of it (all of them, on a route with a body), INVALID_FIELD for one that is given twice or has the wrong type.
 */
export function readQuery(route: HttpRoute, search: string): JsonObject {
  const json: JsonObject = {};
  for (const [key, text] of new URLSearchParams(search)) {
    const field = route.rpc.input.fields.find(({ jsonName }) => jsonName === key);
    const isText = field?.fieldKind === 'scalar' || field?.fieldKind === 'enum';
    if (!field || !isText || route.hasBody || route.pathFields.includes(field)) {
      throw new ImError('UNKNOWN_FIELD', 'there is no such query parameter', { field: key });
    }
    if (Object.hasOwn(json, key)) throw invalidField(key, 'is given twice');
    json[key] = textValue(field, text);
  }
  return json;
}
