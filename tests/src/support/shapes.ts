import { expect } from 'vitest';

/** Expectations for what the public interface writes, for `toEqual`. */

const matching = (pattern: RegExp) => expect.stringMatching(pattern);

/** A positive 53-bit integer, decimal. */
export const UID = matching(/^[1-9][0-9]{0,15}$/);
/** RFC 3339 UTC with three fractional digits. */
export const TIME = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export const TEXT = matching(/./s);

/** A user as others see them. */
export const USER = {
  uid: UID,
  username: expect.any(String),
  nickname: TEXT,
  avatarUrl: expect.any(String),
  bio: expect.any(String),
  createdAt: TIME,
};

export const TOKENS = {
  accessToken: TEXT,
  accessTokenExpiresAt: TIME,
  refreshToken: TEXT,
  refreshTokenExpiresAt: TIME,
};

export const SESSION = {
  sessionId: TEXT,
  deviceId: TEXT,
  platform: matching(/^[A-Z]+$/),
  name: expect.any(String),
  createdAt: TIME,
  lastSeenAt: TIME,
  address: expect.any(String),
  current: expect.any(Boolean),
  online: expect.any(Boolean),
};

/** One's own settings of a conversation, untouched. */
export const NO_SETTINGS = { muted: false, pinned: false, hidden: false, draft: '', clearedSeq: 0 };
