import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordCost } from './config.ts';
import { formatPassword, parsePassword } from './domain/password-string.ts';
import { createSlots } from './slots.ts';

/** At once in a process: each takes a core and tens of MiB for tens of milliseconds. */
const HASHINGS_AT_ONCE = 2;
/** What two places work off within a caller's deadline, roughly; more would wait in vain. */
const MOST_WAITING = 150;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

const argon2Async = promisify(argon2);

export interface PasswordHasher {
  /** The PHC string to store for a password. */
  hash(password: string, signal?: AbortSignal): Promise<string>;
  /** Whether the password is the stored one. Without a stored one it takes as long and is false. */
  verify(password: string, stored: string | null | undefined, signal?: AbortSignal): Promise<boolean>;
  /** Whether the stored one was made at another cost than the present. */
  isOutdated(stored: string): boolean;
}

/** Hashes with argon2id at the given cost. */
export function createPasswordHasher(cost: PasswordCost): PasswordHasher {
  const slots = createSlots({ places: HASHINGS_AT_ONCE, mostWaiting: MOST_WAITING });
  // What a password is checked against where there is nothing to check it against.
  const nobody = { cost, salt: randomBytes(SALT_BYTES), tag: randomBytes(TAG_BYTES) };

  const derive = (password: string, by: { cost: PasswordCost; salt: Buffer; tagLength: number }) =>
    argon2Async('argon2id', {
      // The same characters, however the keyboard composes them.
      message: password.normalize('NFC'),
      nonce: by.salt,
      memory: by.cost.memoryKiB,
      passes: by.cost.passes,
      parallelism: by.cost.parallelism,
      tagLength: by.tagLength,
    });

  return {
    hash: (password, signal) =>
      slots.run(async () => {
        const salt = randomBytes(SALT_BYTES);
        const tag = await derive(password, { cost, salt, tagLength: TAG_BYTES });
        return formatPassword({ cost, salt, tag });
      }, signal),
    async verify(password, stored, signal) {
      const known = stored ? parsePassword(stored) : nobody;
      const by = { cost: known.cost, salt: known.salt, tagLength: known.tag.length };
      const tag = await slots.run(() => derive(password, by), signal);
      return timingSafeEqual(tag, known.tag) && known !== nobody;
    },
    isOutdated(stored) {
      const made = parsePassword(stored).cost;
      return (
        made.memoryKiB !== cost.memoryKiB ||
        made.passes !== cost.passes ||
        made.parallelism !== cost.parallelism
      );
    },
  };
}
