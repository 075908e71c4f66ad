import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Says what the HMAC is for, should the secret ever serve for something else as well. */
const PURPOSE = 'im refresh token 1';

/** A refresh token taken apart: `<sessionId>.<generation>.<mac>`. */
export interface PresentedRefreshToken {
  readonly sessionId: string;
  /** 1 is the token of the login; each use makes the next. */
  readonly generation: number;
  /** What is stored of a token. */
  readonly hash: string;
  /** Whether the present secret made it. */
  readonly authentic: boolean;
}

/** The refresh token of a generation. The same input gives the same token, so a lost answer can be repeated. */
export function refreshTokenOf(secret: string, sessionId: string, generation: number): string {
  return `${sessionId}.${generation}.${macOf(secret, sessionId, generation)}`;
}

/** What is stored of a token: it cannot be turned back, and 256 random bits need no slow hash. */
export function refreshTokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Takes a token apart; undefined when it does not even look like one. */
export function parseRefreshToken(secret: string, token: string): PresentedRefreshToken | undefined {
  const match = /^([A-Za-z0-9_-]{1,64})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})$/.exec(token);
  const [, sessionId, generationText, mac] = match ?? [];
  if (sessionId === undefined || generationText === undefined || mac === undefined) return undefined;
  const generation = Number(generationText);
  const expected = macOf(secret, sessionId, generation);
  return {
    sessionId,
    generation,
    hash: refreshTokenHash(token),
    authentic: timingSafeEqual(Buffer.from(mac), Buffer.from(expected)),
  };
}

function macOf(secret: string, sessionId: string, generation: number): string {
  return createHmac('sha256', secret).update(`${PURPOSE}:${sessionId}:${generation}`).digest('base64url');
}
