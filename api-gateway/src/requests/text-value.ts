import { type DescField, ScalarType } from '@bufbuild/protobuf';
import { invalidField } from '@im/common/errors/im-error.ts';

const DECIMAL = /^-?\d+(\.\d+)?$/;

/** What the text of a path or query stands for in JSON, by the type of its field. Throws INVALID_FIELD. */
export function textValue(field: DescField, text: string): string | number | boolean {
  if (field.fieldKind === 'enum') return text;
  if (field.fieldKind !== 'scalar') throw new Error(`${field} cannot be given as text`);
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return text;
    case ScalarType.BOOL:
      if (text !== 'true' && text !== 'false') throw invalidField(field.jsonName, 'must be true or false');
      return text === 'true';
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      // More digits than a number of JavaScript holds; read from text as it is.
      return text;
    default:
      if (!DECIMAL.test(text)) throw invalidField(field.jsonName, 'must be a number');
      return Number(text);
  }
}
