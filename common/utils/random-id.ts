import { randomBytes } from 'node:crypto';

/** A random positive integer below 2^53 as a decimal string: a uid or a group id. Collisions are the caller's to retry. */
export function random53(): string {
  for (;;) {
    // 64 random bits less 11: what a JavaScript number holds exactly.
    const value = randomBytes(8).readBigUInt64BE() >> 11n;
    if (value > 0n) return value.toString();
  }
}

/** `bytes` random bytes in base64url, without padding. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
