import { ImError } from '@im/common/errors/im-error.ts';

/** Throws GROUP_FULL when so many more do not fit. */
export function requireRoom(memberCount: number, joining: number, maxMembers: number): void {
  if (memberCount + joining > maxMembers) {
    throw new ImError('GROUP_FULL', `a group has at most ${maxMembers} members`, {
      maxMembers: String(maxMembers),
    });
  }
}
