import { hash } from 'node:crypto';
import { type DescMessage, type JsonValue, type MessageShape, toJson } from '@bufbuild/protobuf';

/**
 * SHA-256 of a request in a canonical form of ours: its proto3 JSON with the
 * keys of every object sorted and the operation's name in front. Never the
 * protobuf bytes, which are not canonical; fields added to a contract later do
 * not change the hash of requests without them.
 */
export function requestHash<D extends DescMessage>(
  operation: string,
  schema: D,
  request: MessageShape<D>,
): Uint8Array {
  return hash('sha256', `${operation}\n${canonical(toJson(schema, request))}`, 'buffer');
}

function canonical(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`);
  return `{${members.join()}}`;
}
