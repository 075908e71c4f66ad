import type { PasswordCost } from '../config.ts';

/** argon2's only version in use, 1.3, as the string format writes it. */
const VERSION = 19;
const PATTERN =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** A hashed password with all that is needed to check one against it. */
export interface HashedPassword {
  readonly cost: PasswordCost;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** The PHC string of a hashed password: `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export function formatPassword({ cost, salt, tag }: HashedPassword): string {
  const parameters = `m=${cost.memoryKiB},t=${cost.passes},p=${cost.parallelism}`;
  return `$argon2id$v=${VERSION}$${parameters}$${base64(salt)}$${base64(tag)}`;
}

/** What a stored string says. Throws for one that is not ours, which is a fault of the store. */
export function parsePassword(stored: string): HashedPassword {
  const match = PATTERN.exec(stored);
  if (!match) throw new Error('a stored password is not an argon2id string');
  const [, memoryKiB, passes, parallelism, salt, tag] = match;
  return {
    cost: { memoryKiB: Number(memoryKiB), passes: Number(passes), parallelism: Number(parallelism) },
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag!, 'base64'),
  };
}

/** Base64 without padding, as the format has it. */
function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
