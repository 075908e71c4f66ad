import {
  type DescEnum,
  type DescField,
  type DescMessage,
  type Message,
  ScalarType,
} from '@bufbuild/protobuf';
import { ImError, invalidField } from '@im/common/errors/im-error.ts';

/**
 * Holds a message that was read from protobuf to what is asked of one in JSON:
 * no fields that the contract does not know (a client that sends them means
 * something that would not happen), no values outside an enum and never
 * UNSPECIFIED, no infinite numbers. Rules of `buf.validate` are not checked here.
 *
 * Throws UNKNOWN_FIELD, the path ending in the field's number, or INVALID_FIELD.
 */
export function requireStrict(desc: DescMessage, message: Message, path = ''): void {
  const unknown = message.$unknown?.[0];
  if (unknown !== undefined) {
    const field = join(path, String(unknown.no));
    throw new ImError('UNKNOWN_FIELD', `there is no field number ${unknown.no}`, { field });
  }
  const values = message as unknown as Record<string, unknown>;
  for (const member of desc.members) {
    if (member.kind === 'oneof') {
      const group = values[member.localName] as { case: string | undefined; value?: unknown };
      const field = group.case === undefined ? undefined : desc.field[group.case];
      if (field !== undefined) requireField(field, group.value, join(path, field.jsonName));
    } else if (values[member.localName] !== undefined) {
      requireField(member, values[member.localName], join(path, member.jsonName));
    }
  }
}

function requireField(field: DescField, value: unknown, path: string): void {
  switch (field.fieldKind) {
    case 'list':
      for (const [index, item] of (value as unknown[]).entries())
        requireOne(field, item, `${path}[${index}]`);
      break;
    case 'map':
      for (const [key, item] of Object.entries(value as object)) requireOne(field, item, `${path}.${key}`);
      break;
    case 'enum':
      // Without presence, 0 is how a field is left out.
      if (value !== 0 || field.oneof !== undefined || field.proto.proto3Optional) {
        requireEnum(field.enum, value as number, path);
      }
      break;
    default:
      requireOne(field, value, path);
  }
}

function requireOne(field: DescField, value: unknown, path: string): void {
  if (field.message !== undefined) requireStrict(field.message, value as Message, path);
  else if (field.enum !== undefined) requireEnum(field.enum, value as number, path);
  else if (isFloating(field.scalar) && !Number.isFinite(value)) throw invalidField(path, 'must be a number');
}

function requireEnum(desc: DescEnum, value: number, path: string): void {
  if (value !== 0 && desc.value[value] !== undefined) return;
  const names = desc.values.filter(({ number }) => number !== 0).map(({ name }) => name);
  throw invalidField(path, `must be one of ${names.join(', ')}`);
}

function isFloating(scalar: ScalarType | undefined): boolean {
  return scalar === ScalarType.DOUBLE || scalar === ScalarType.FLOAT;
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
