import { randomBytes } from 'node:crypto';
import { randomToken } from '@im/common/utils/random-id.ts';
import { sha256Hex } from '@im/common/utils/sha256.ts';

/** What a key of the server API may be good for. */
export const ALL_SCOPES = ['users', 'tokens', 'messages', 'groups', 'keys'] as const;

const KEY_ID_BYTES = 8;
const SECRET_BYTES = 32;

/** A new key: `imk_<keyId>_<secret>`. The prefix lets scanners of leaked secrets know it. */
export function newApiKey(): { keyId: string; key: string } {
  // Hexadecimal, so that the id holds no underscore itself.
  const keyId = randomBytes(KEY_ID_BYTES).toString('hex');
  return { keyId, key: `imk_${keyId}_${randomToken(SECRET_BYTES)}` };
}

/** What is kept of a key. One plain hash is enough: the key is random, nobody can try them all. */
export function apiKeyHash(key: string): string {
  return sha256Hex(key);
}

/** Scopes as stored, and back. */
export function joinScopes(scopes: readonly string[]): string {
  return [...new Set(scopes)].join(',');
}

export function splitScopes(stored: string): string[] {
  return stored === '' ? [] : stored.split(',');
}
