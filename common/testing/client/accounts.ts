import { ApiError } from './api-error.ts';
import type { ImClient } from './http.ts';
import type { SignedIn, WireFriendRequest, WireTokens, WireUser } from './wire.ts';

export interface DeviceName {
  deviceId: string;
  platform: 'WEB' | 'IOS' | 'ANDROID' | 'WINDOWS' | 'MACOS' | 'LINUX' | 'MINIPROGRAM' | 'BOT';
  name?: string;
}

/** Makes an account with a password. */
export async function register(
  client: ImClient,
  account: { username: string; password: string; nickname?: string },
): Promise<WireUser> {
  return (await client.call<{ user: WireUser }>('POST', '/v1/users', account)).user;
}

/** Signs a device in by password. */
export function login(
  client: ImClient,
  credentials: { username: string; password: string; device: DeviceName },
): Promise<SignedIn> {
  return client.call('POST', '/v1/login', credentials);
}

/** Trades a refresh token for new tokens. */
export async function refreshTokens(client: ImClient, refreshToken: string): Promise<WireTokens> {
  return (await client.call<{ tokens: WireTokens }>('POST', '/v1/token/refresh', { refreshToken })).tokens;
}

/** Server API: makes or updates the user of a product of one's own. `admin` speaks with an API key. */
export async function upsertUser(
  admin: ImClient,
  externalId: string,
  fields: { username?: string; nickname?: string; avatarUrl?: string; disabled?: boolean } = {},
): Promise<WireUser> {
  const path = `/v1/admin/users/${encodeURIComponent(externalId)}`;
  return (await admin.call<{ user: WireUser }>('PUT', path, fields)).user;
}

/** Server API: signs a device of a user in. `admin` speaks with an API key. */
export function issueTokens(
  admin: ImClient,
  whom: { uid?: string; externalId?: string; device: DeviceName },
): Promise<SignedIn> {
  return admin.call('POST', '/v1/admin/tokens', whom);
}

/**
 * Makes two people friends by crossing requests. Doing it again is harmless,
 * also when it was broken off half way.
 */
export async function makeFriends(
  one: { client: ImClient; uid: string },
  other: { client: ImClient; uid: string },
): Promise<void> {
  const ask = (from: ImClient, uid: string) =>
    from.call<{ request: WireFriendRequest }>('POST', '/v1/friend-requests', { uid });
  try {
    const { request } = await ask(one.client, other.uid);
    if (request.state === 'PENDING') await ask(other.client, one.uid);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'ALREADY_FRIENDS')) throw error;
  }
}
