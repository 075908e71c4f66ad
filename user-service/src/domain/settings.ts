import type { JsonObject } from '@bufbuild/protobuf';
import { invalidField } from '@im/common/errors/im-error.ts';

/** Bytes of the JSON text in UTF-8. */
const SETTINGS_MAX_BYTES = 8 * 1024;

/**
 * Settings as stored (JSON text) after a change: merged key by key, a key with
 * null removed, all of them when there is no change to merge. Throws
 * INVALID_FIELD beyond 8 KiB.
 */
export function mergeSettings(stored: string, change: JsonObject | undefined): string {
  if (change === undefined) return '{}';
  // A map, because a key may be called __proto__.
  const merged = new Map(Object.entries(parseSettings(stored)));
  for (const [key, value] of Object.entries(change)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  const text = JSON.stringify(Object.fromEntries(merged));
  if (Buffer.byteLength(text) > SETTINGS_MAX_BYTES) {
    throw invalidField('settings', `settings have at most ${SETTINGS_MAX_BYTES} bytes of JSON`);
  }
  return text;
}

/** The JSON object of stored settings. */
export function parseSettings(stored: string): JsonObject {
  return JSON.parse(stored) as JsonObject;
}
