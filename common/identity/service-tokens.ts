import { decodeJwt, type JWK, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { ImError } from '../errors/im-error.ts';
import type { ServiceName } from '../service/names.ts';
import type { PublicServiceKeys } from './service-keys.ts';

const ALGORITHM = 'EdDSA';
/** Keeps a service token from being taken for a user's access token, and the other way round. */
const TYPE = 'im-service+jwt';
const LIFETIME_MS = 60_000;
/** A token is replaced this long before it expires, which is also how far the services' clocks may differ. */
const RENEW_BEFORE_MS = 15_000;
/** Verified tokens remembered. Each caller has one token in use for each target, so a few hundred would do. */
const REMEMBERED_TOKENS = 1_000;

/** Proves to other services which service is calling. */
export interface ServiceTokenIssuer {
  /** A token for calls to `audience`; at once while the last one is fresh. */
  token(audience: ServiceName): string | Promise<string>;
}

/** Tells which service a token was made by. */
export interface ServiceTokenVerifier {
  /** The service that made the token, at once when it was seen before. Throws TOKEN_INVALID. */
  verify(token: string): ServiceName | Promise<ServiceName>;
}

/** Issues the tokens of `service`, signed with its own key. `now` is in milliseconds since 1970. */
export function createServiceTokenIssuer(options: {
  service: ServiceName;
  privateKey: JWK;
  now: () => number;
}): ServiceTokenIssuer {
  const { service, privateKey, now } = options;
  const issued = new Map<ServiceName, { token: string | Promise<string>; signedAt: number }>();

  async function sign(audience: ServiceName, at: number): Promise<string> {
    return await new SignJWT({ iss: service, aud: audience })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setIssuedAt(Math.floor(at / 1000))
      .setExpirationTime(Math.floor((at + LIFETIME_MS) / 1000))
      .sign(privateKey);
  }

  return {
    token(audience) {
      const at = now();
      const held = issued.get(audience);
      // Absolute, so that a clock set back leaves no token that lives for longer.
      if (held && Math.abs(at - held.signedAt) < LIFETIME_MS - RENEW_BEFORE_MS) return held.token;
      const entry: { token: string | Promise<string>; signedAt: number } = {
        token: sign(audience, at).then(
          (token) => {
            entry.token = token;
            return token;
          },
          (error) => {
            // What failed must not be handed out again.
            if (issued.get(audience) === entry) issued.delete(audience);
            throw error;
          },
        ),
        signedAt: at,
      };
      issued.set(audience, entry);
      return entry.token;
    },
  };
}

/**
 * Verifies the tokens presented to `service`. A token counts only for the
 * service it names, and only when a key of that service's own has signed it.
 */
export function createServiceTokenVerifier(options: {
  service: ServiceName;
  publicKeysByService: PublicServiceKeys;
  now: () => number;
}): ServiceTokenVerifier {
  const { service, publicKeysByService, now } = options;
  // Only tokens that were found good are kept, so nobody can fill it with rubbish.
  const verified = new LRUCache<string, { service: ServiceName; expiresAt: number }>({
    max: REMEMBERED_TOKENS,
  });

  async function check(token: string): Promise<ServiceName> {
    try {
      const issuer = decodeJwt(token).iss as ServiceName;
      if (!Object.hasOwn(publicKeysByService, issuer)) throw new Error('nobody has this name');
      const options = {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer,
        audience: service,
        requiredClaims: ['exp'],
        currentDate: new Date(now()),
      };
      const { payload } = await Promise.any(
        publicKeysByService[issuer]!.map((key) => jwtVerify(token, key, options)),
      );
      verified.set(token, { service: issuer, expiresAt: payload.exp! * 1000 });
      return issuer;
    } catch {
      throw new ImError('TOKEN_INVALID', 'the service token is not valid');
    }
  }

  return {
    verify(token) {
      const known = verified.get(token);
      if (known === undefined) return check(token);
      if (now() < known.expiresAt) return known.service;
      verified.delete(token);
      throw new ImError('TOKEN_INVALID', 'the service token is not valid');
    },
  };
}
