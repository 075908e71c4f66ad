import { invalidField } from '@im/common/errors/im-error.ts';

// Other schemes could make a client run script or read a local file.
const HTTP_URL = /^https?:\/\/[^\s\p{Cc}]+$/iu;

/** An avatar's address: http(s), or '' for none. Throws INVALID_FIELD for anything else. */
export function parseAvatarUrl(given: string): string {
  if (given === '') return given;
  if (!HTTP_URL.test(given) || !URL.canParse(given)) {
    throw invalidField('avatarUrl', 'avatarUrl is an http or https address, or empty');
  }
  return given;
}
