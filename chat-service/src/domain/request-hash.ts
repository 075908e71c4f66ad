import { hash } from 'node:crypto';
import { type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf';

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
  const canonical = JSON.stringify(sorted(toJson(schema, request)));
  return hash('sha256', `${operation}\n${canonical}`, 'buffer');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
