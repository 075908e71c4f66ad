import { refreshTokens } from './accounts.ts';
import { ApiError } from './api-error.ts';
import type { ImClient } from './http.ts';
import type { ImSocket } from './socket.ts';
import type { Welcome, WireTokens } from './wire.ts';

/** Milliseconds before its end when an access token is renewed rather than used. */
const RENEW_BEFORE_MS = 30_000;

/** Says hello on one connection after another, with tokens that it keeps fresh. */
export function createSignIn(client: ImClient, first: WireTokens): (socket: ImSocket) => Promise<Welcome> {
  let tokens = first;
  return async (socket) => {
    if (Date.parse(tokens.accessTokenExpiresAt) - Date.now() < RENEW_BEFORE_MS) {
      tokens = await refreshTokens(client, tokens.refreshToken);
    }
    try {
      return await socket.hello(tokens.accessToken);
    } catch (error) {
      // By the server's clock it is over already: the next attempt renews it.
      if (isExpired(error)) tokens = { ...tokens, accessTokenExpiresAt: new Date(0).toISOString() };
      throw error;
    }
  };
}

/** Whether a refusal is one that no later attempt mends. */
export function isFinalRefusal(error: unknown): boolean {
  return error instanceof ApiError && !error.momentary && !isExpired(error);
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'TOKEN_EXPIRED';
}
