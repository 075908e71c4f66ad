import {
  create,
  type DescEnum,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type MessageShape,
  ScalarType,
} from '@bufbuild/protobuf';
import { ImError, invalidField } from '../errors/im-error.ts';
import { readScalar } from './json-scalar.ts';

/** Messages inside messages; the same bound protobuf sets for its binary form. */
const MAX_DEPTH = 100;

/**
 * Reads a request from parsed JSON, stricter than proto3 JSON: only
 * lowerCamelCase names, only enum names and never UNSPECIFIED. `null` counts
 * as absent. Rules of `buf.validate` are not checked here.
 *
 * Throws UNKNOWN_FIELD or INVALID_FIELD with the path of the field, for
 * example `content.forward.messages[2].seq`; `path` is what stands before it.
 */
export function parseJsonMessage<Desc extends DescMessage>(
  schema: Desc,
  json: unknown,
  path = '',
): MessageShape<Desc> {
  return readMessage(schema, json, path, 1) as MessageShape<Desc>;
}

function readMessage(desc: DescMessage, json: unknown, path: string, depth: number): Message {
  if (depth > MAX_DEPTH) throw invalidField(path, 'nested too deeply');
  if (desc.typeName.startsWith('google.protobuf.')) return readWellKnown(desc, json, path);
  if (!isObject(json)) throw invalidField(path, 'must be an object');
  const message = create(desc);
  const target = message as unknown as Record<string, unknown>;
  for (const key of Object.keys(json)) {
    const at = path === '' ? key : `${path}.${key}`;
    // Descriptors list fields by the name they have in TypeScript, which is the JSON name.
    const field = Object.hasOwn(desc.field, key) ? desc.field[key] : undefined;
    if (field === undefined || field.jsonName !== key) {
      throw new ImError('UNKNOWN_FIELD', `there is no field ${quoted(key)}`, { field: at });
    }
    const value = json[key];
    if (value === null) continue;
    const read = readField(field, value, at, depth);
    if (field.oneof === undefined) {
      target[field.localName] = read;
      continue;
    }
    const group = target[field.oneof.localName] as { case: string | undefined };
    if (group.case !== undefined) throw invalidField(path, `${group.case} and ${key} exclude each other`);
    target[field.oneof.localName] = { case: field.localName, value: read };
  }
  return message;
}

function readField(field: DescField, json: unknown, path: string, depth: number): unknown {
  switch (field.fieldKind) {
    case 'scalar':
      return readScalar(field.scalar, field.longAsString, json, path);
    case 'enum':
      return readEnum(field.enum, json, path);
    case 'message':
      if (field.message.typeName === 'google.protobuf.Struct') return readStruct(json, path);
      return readMessage(field.message, json, path, depth + 1);
    case 'list':
      if (!Array.isArray(json)) throw invalidField(path, 'must be a list');
      return json.map((item, index) => readElement(field, item, `${path}[${index}]`, depth));
    case 'map':
      return readMap(field, json, path, depth);
  }
}

type ElementField = Extract<DescField, { fieldKind: 'list' | 'map' }>;

function readElement(field: ElementField, json: unknown, path: string, depth: number): unknown {
  const longAsString = field.fieldKind === 'list' && field.listKind === 'scalar' && field.longAsString;
  if (field.message !== undefined) return readMessage(field.message, json, path, depth + 1);
  if (field.enum !== undefined) return readEnum(field.enum, json, path);
  return readScalar(field.scalar, longAsString, json, path);
}

function readMap(
  field: Extract<DescField, { fieldKind: 'map' }>,
  json: unknown,
  path: string,
  depth: number,
) {
  if (field.mapKey !== ScalarType.STRING) throw new Error(`${field}: only maps with string keys are used`);
  if (!isObject(json)) throw invalidField(path, 'must be an object');
  const entries = Object.entries(json).map(([key, value]) => [
    key,
    readElement(field, value, `${path}.${key}`, depth),
  ]);
  return Object.fromEntries(entries);
}

function readEnum(desc: DescEnum, json: unknown, path: string): number {
  const value = desc.values.find((candidate) => candidate.name === json);
  if (value === undefined || value.number === 0) {
    const names = desc.values
      .filter((candidate) => candidate.number !== 0)
      .map((candidate) => candidate.name);
    throw invalidField(path, `must be one of ${names.join(', ')}`);
  }
  return value.number;
}

function readStruct(json: unknown, path: string): Record<string, unknown> {
  if (!isObject(json)) throw invalidField(path, 'must be an object');
  return json;
}

function readWellKnown(desc: DescMessage, json: unknown, path: string): Message {
  try {
    return fromJson(desc, json as JsonValue);
  } catch {
    throw invalidField(path, `must be a ${desc.name} as proto3 JSON writes it`);
  }
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function quoted(key: string): string {
  return JSON.stringify(key.length > 64 ? `${key.slice(0, 64)}…` : key);
}
