import { errors, importJWK, type JWTHeaderParameters, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { ImError } from '../errors/im-error.ts';
import type { AuthService } from '../gen/im/auth/v1/auth_service_pb.ts';
import type { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import type { RpcClient } from '../rpc/types.ts';
import type { Logger } from '../telemetry/log.ts';
import { readPlatform } from './platform-claim.ts';

/** Who signs access tokens; a token of anybody else is none. */
export const ACCESS_TOKEN_ISSUER = 'im-backend';

/** Pinned, so that no token can choose a weaker algorithm for itself. */
export const ACCESS_TOKEN_ALGORITHM = 'EdDSA';

/** How old the known keys may be before they are read again, so that a new key is known before it signs. */
const KEYS_FRESH_MS = 5 * 60_000;

/** Least time between two readings of the keys: made-up key ids must not become load on auth-service. */
const KEYS_GAP_MS = 1_000;

/** How far the clock of who signs may be ahead of ours, in milliseconds. */
const CLOCKS_DIFFER_MS = 60_000;

/** Tokens whose signature need not be checked again; some 600 bytes each. */
const VERIFIED_KEPT = 10_000;

/** Ours have some 300 characters; what is much longer is not worth parsing. */
const MAX_TOKEN_LENGTH = 2_048;

/** What a good access token says. Times are milliseconds since 1970. */
export interface VerifiedToken {
  readonly uid: string;
  readonly sessionId: string;
  /** Of the session's device; UNSPECIFIED where the token does not say. */
  readonly platform: Platform_Value;
  readonly expiresAt: number;
  /** To the second. */
  readonly issuedAt: number;
}

export interface AccessTokenVerifier {
  /**
   * Checks signature, issuer and time of an access token; not whether its session still lives.
   *
   * Throws TOKEN_INVALID, TOKEN_EXPIRED, or an UNAVAILABLE reason when the keys it needs cannot be had.
   */
  verify(token: string): Promise<VerifiedToken>;
}

export interface AccessTokenVerifierOptions {
  auth: RpcClient<typeof AuthService>;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Logger;
}

type PublicKey = Awaited<ReturnType<typeof importJWK>>;

/** Verifies access tokens with the keys that auth-service publishes, read when first needed and then kept. */
export function createAccessTokenVerifier(options: AccessTokenVerifierOptions): AccessTokenVerifier {
  const { now } = options;
  const keys = keyCache(options);
  const verified = new LRUCache<string, VerifiedToken & { kid: string }>({ max: VERIFIED_KEPT });

  return {
    async verify(token) {
      if (token.length > MAX_TOKEN_LENGTH) throw invalid();
      const known = verified.get(token);
      // A key that is published no longer takes its tokens with it.
      if (known && keys.has(known.kid)) {
        requirePresent(known, now());
        return known;
      }
      const { payload, protectedHeader } = await jwtVerify(token, (header) => keys.get(header), {
        algorithms: [ACCESS_TOKEN_ALGORITHM],
        issuer: ACCESS_TOKEN_ISSUER,
        requiredClaims: ['sub', 'sid', 'iat', 'exp'],
        currentDate: new Date(now()),
      }).catch((error: unknown) => {
        if (error instanceof errors.JWTExpired) throw expired();
        if (error instanceof ImError) throw error;
        throw invalid();
      });
      const { sub, sid, iat, exp } = payload;
      if (!sub || typeof sid !== 'string' || !sid || iat === undefined || exp === undefined) throw invalid();
      const result = {
        uid: sub,
        sessionId: sid,
        platform: readPlatform(payload.platform),
        issuedAt: iat * 1_000,
        expiresAt: exp * 1_000,
      };
      requirePresent(result, now());
      verified.set(token, { ...result, kid: protectedHeader.kid ?? '' });
      return result;
    },
  };
}

/**
 * A token dated ahead was signed while a clock was wrong. It would outlive what is
 * remembered of revoked sessions; a refresh gives one with the right date.
 */
function requirePresent({ issuedAt, expiresAt }: VerifiedToken, now: number): void {
  if (expiresAt <= now || issuedAt > now + CLOCKS_DIFFER_MS) throw expired();
}

/** The published keys by id: read on need, at most once per gap and once at a time. */
function keyCache({ auth, now, log }: AccessTokenVerifierOptions) {
  let keys = new Map<string, PublicKey>();
  let loading: Promise<void> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failure: unknown;

  async function load(): Promise<void> {
    triedAt = now();
    try {
      const answer = await auth.listKeys({});
      const next = new Map<string, PublicKey>();
      for (const { kid, kty, crv, x } of answer.keys) {
        next.set(kid, await importJWK({ kty, crv, x }, ACCESS_TOKEN_ALGORITHM));
      }
      keys = next;
      failure = undefined;
    } catch (error) {
      failure = error;
      log.warn({ err: error }, 'the keys of access tokens could not be read');
    }
  }

  /** Joins the reading under way, or begins one unless the last was just now. Never rejects. */
  function refresh(): Promise<void> {
    if (!loading && Math.abs(now() - triedAt) < KEYS_GAP_MS) return Promise.resolve();
    loading ??= load().finally(() => {
      loading = undefined;
    });
    return loading;
  }

  return {
    has: (kid: string): boolean => {
      if (Math.abs(now() - triedAt) >= KEYS_FRESH_MS) void refresh();
      return keys.has(kid);
    },
    /** The key a token names. Throws TOKEN_INVALID for an unknown one, what reading failed with when it did. */
    get: async ({ kid }: JWTHeaderParameters): Promise<PublicKey> => {
      if (!kid) throw invalid();
      if (!keys.has(kid)) await refresh();
      else if (Math.abs(now() - triedAt) >= KEYS_FRESH_MS) void refresh();
      const key = keys.get(kid);
      if (key) return key;
      // Not known for lack of an answer is not the caller's fault: a 401 would make clients sign out.
      if (failure) throw failure instanceof ImError ? failure : away();
      throw invalid();
    },
  };
}

const invalid = () => new ImError('TOKEN_INVALID', 'this is not a valid access token');
const expired = () => new ImError('TOKEN_EXPIRED', 'the access token has expired; refresh it');
const away = () => new ImError('SERVICE_AWAY', 'access tokens cannot be checked at the moment');
