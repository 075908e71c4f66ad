import {
  type DescEnum,
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  ScalarType,
} from '@bufbuild/protobuf';
import { oneof as oneofOption } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { Comments } from './comments.ts';
import { constraintsOf, elementRules, isOptional, isRequired, rulesOf } from './constraints.ts';
import type { JsonSchema } from './json-schema.ts';

/** Schemas of messages, collected while they are asked for. */
export interface Schemas {
  /** A reference to the message's schema. */
  reference(message: DescMessage): JsonSchema;
  /** A value of the field. */
  field(field: DescField): JsonSchema;
  /** A request body that has these fields of its message. */
  body(fields: readonly DescField[], isPatch: boolean): JsonSchema;
  /** What was referred to, by name. */
  components(): Record<string, JsonSchema>;
}

/** Turns messages of the contracts into JSON Schema, in the form `toJson` gives them. */
export function createSchemas(comments: Comments): Schemas {
  const components = new Map<string, JsonSchema>();
  const owners = new Map<string, DescMessage>();

  function reference(message: DescMessage): JsonSchema {
    if (message.typeName === 'google.protobuf.Struct') return { type: 'object' };
    const name =
      owners.get(message.name) === message || !owners.has(message.name) ? message.name : message.typeName;
    if (!components.has(name)) {
      owners.set(name, message);
      // Before its fields are looked at: messages contain each other.
      components.set(name, {});
      components.set(name, objectOf(message));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function objectOf(message: DescMessage): JsonSchema {
    const kinds = message.oneofs.find(
      (oneof) => hasOption(oneof, oneofOption) && getOption(oneof, oneofOption).required,
    );
    const required = message.fields.filter((field) => !isOptional(field)).map(({ jsonName }) => jsonName);
    return {
      type: 'object',
      ...described(comments.get(message.typeName)),
      properties: propertiesOf(message.fields),
      ...(required.length > 0 && { required }),
      ...(kinds && { oneOf: kinds.fields.map(({ jsonName }) => ({ required: [jsonName] })) }),
    };
  }

  function propertiesOf(fields: readonly DescField[]): Record<string, JsonSchema> {
    return Object.fromEntries(fields.map((field) => [field.jsonName, fieldSchema(field)]));
  }

  function fieldSchema(field: DescField): JsonSchema {
    const rules = rulesOf(field);
    const description = described(comments.get(`${field.parent.typeName}.${field.name}`));
    if (field.fieldKind === 'list') {
      const items = { ...valueSchema(field), ...constraintsOf(elementRules(rules)) };
      return { type: 'array', items, ...constraintsOf(rules), ...description };
    }
    if (field.fieldKind === 'map') {
      return { type: 'object', additionalProperties: valueSchema(field), ...description };
    }
    return { ...valueSchema(field), ...constraintsOf(rules), ...description };
  }

  function valueSchema(field: DescField): JsonSchema {
    if (field.message) return reference(field.message);
    if (field.enum) return enumSchema(field.enum);
    return scalarSchema(field.scalar);
  }

  return {
    reference,
    field: fieldSchema,
    body(fields, isPatch) {
      const properties = propertiesOf(fields);
      const required = isPatch ? [] : fields.filter(isRequired).map(({ jsonName }) => jsonName);
      return {
        type: 'object',
        properties: isPatch ? mapValues(properties, orNull) : properties,
        ...(required.length > 0 && { required }),
        ...(isPatch && { minProperties: 1 }),
        additionalProperties: false,
      };
    },
    components: () => Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function scalarSchema(type: ScalarType): JsonSchema {
  switch (type) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: 'number' };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 };
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return { type: 'integer' };
    default:
      return { type: 'string', format: 'int64' };
  }
}

function enumSchema({ values }: DescEnum): JsonSchema {
  return { type: 'string', enum: values.filter(({ number }) => number !== 0).map(({ name }) => name) };
}

/** In a patch, `null` clears. */
function orNull(schema: JsonSchema): JsonSchema {
  if (typeof schema.type === 'string' && !schema.enum) return { ...schema, type: [schema.type, 'null'] };
  return { anyOf: [schema, { type: 'null' }] };
}

function described(description: string | undefined): JsonSchema {
  return description === undefined ? {} : { description };
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
