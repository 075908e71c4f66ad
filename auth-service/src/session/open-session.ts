import type { Device } from '@im/common/gen/im/session/v1/session_pb.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import type { AuthContext } from '../context.ts';
import { refreshTokenHash, refreshTokenOf } from '../domain/refresh-token.ts';
import { sessionMessage } from './session-message.ts';
import { sessionTokens } from './session-tokens.ts';

/** 128 bits: session ids need not be secret, but never meet again. */
const SESSION_ID_BYTES = 16;

const FIRST_GENERATION = 1;

/** As wide as the column; an IPv6 address with a zone fits. */
const ADDRESS_LENGTH = 64;

export const DAY_MS = 24 * 60 * 60_000;

/** Signs a user's device in: a new session in place of those it displaces, and its first tokens. */
export async function openSession(
  context: AuthContext,
  { uid, device, address }: { uid: string; device: Device; address: string },
) {
  const now = context.now();
  const sessionId = randomToken(SESSION_ID_BYTES);
  const refreshToken = refreshTokenOf(context.refreshSecret, sessionId, FIRST_GENERATION);
  const expiresAt = now + context.config.refreshTokenDays * DAY_MS;
  const session = {
    sessionId,
    uid,
    deviceId: device.deviceId,
    platform: device.platform,
    name: device.name ?? '',
    createdAt: now,
    lastSeenAt: now,
    address: address.slice(0, ADDRESS_LENGTH),
    family: {
      generation: FIRST_GENERATION,
      newestHash: refreshTokenHash(refreshToken),
      previousHash: '',
      rotatedAt: now,
      expiresAt,
    },
  };
  await context.sessions.open(session, context.config.devicePolicy);
  return {
    tokens: await sessionTokens(context, session, { token: refreshToken, expiresAt }),
    session: sessionMessage(session, { current: true, online: false }),
  };
}
