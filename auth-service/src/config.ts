import { type RedisSetting, redisSettingOf } from '@im/common/service/port-settings.ts';
import { z } from 'zod';
import { DEVICE_POLICIES } from './domain/device-policy.ts';

/**
 * Gateways remember revocations for 20 minutes; a token that outlived that
 * would work again after its session was revoked.
 */
const LONGEST_ACCESS_TOKEN_SECONDS = 15 * 60;

/** An hour: a session must not expire while an access token of it still works. */
const SHORTEST_REFRESH_DAYS = 1 / 24;

/** 256 bits in base64url are 43 characters; less than this is not a random secret. */
const SHORTEST_SECRET = 32;

/** 32 bytes in base64url. */
const ed25519Number = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes in base64url');

/** Where sessions are kept. */
export type SessionsSetting = { readonly engine: 'database' } | RedisSetting;

/** `database`, the service's own, or `redis://:password@host:6379`; `?prefix=` as for other Redis addresses. */
const sessionsSetting = z
  .string()
  .default('database')
  .transform((text, context): SessionsSetting => {
    if (text === 'database') return { engine: 'database' };
    const redis = redisSettingOf(text);
    if (redis !== undefined) return redis;
    // The value is not told: it may hold a password.
    context.addIssue({ code: 'custom', message: 'must be database or redis://:password@host:6379' });
    return z.NEVER;
  });

const signingKey = z.strictObject({
  /** Names the key in tokens; never used for another key again. */
  kid: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits or ._-'),
  /** The private key as a JSON Web Key (RFC 8037). */
  privateJwk: z.object({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    x: ed25519Number,
    d: ed25519Number,
  }),
  /** When the key was first published; it signs from 10 minutes later on. Without it the key may sign at once. */
  publishedAt: z.iso.datetime({ offset: true }).optional(),
});

export const authConfig = z.strictObject({
  sessions: sessionsSetting,
  /**
   * `checked`: a Redis that would lose sessions is refused. `vouched`: it does not let anybody look, and
   * the operator has made sure that each change is on disk before it is answered.
   */
  sessionsDurability: z.enum(['checked', 'vouched']).default('checked'),
  accessTokenSeconds: z.int().min(1).max(LONGEST_ACCESS_TOKEN_SECONDS).default(LONGEST_ACCESS_TOKEN_SECONDS),
  /** A device that has not refreshed for so long is signed out. */
  refreshTokenDays: z.number().min(SHORTEST_REFRESH_DAYS).max(3_650).default(30),
  /** How many devices a user may have signed in; a login ends the sessions it displaces. */
  devicePolicy: z.enum(DEVICE_POLICIES).default('many'),
  /** How long the refresh token before the newest still answers, for lost answers and second tabs. */
  refreshGraceSeconds: z.int().min(0).max(600).default(60),
  /** The key of the HMAC that makes refresh tokens; empty: a throw-away one. */
  refreshSecret: z
    .string()
    .refine((secret) => secret === '' || secret.length >= SHORTEST_SECRET, {
      error: `must be empty or have at least ${SHORTEST_SECRET} characters`,
    })
    .default(''),
  /** All are published, the first that may sign does; empty: a throw-away one. */
  signingKeys: z
    .array(signingKey)
    .refine((keys) => new Set(keys.map((key) => key.kid)).size === keys.length, {
      error: 'must not name the same kid twice',
    })
    .default([]),
  /** How often ended sessions and old revocations are cleared away. */
  sweepSeconds: z.number().positive().max(3_600).default(60),
});

export type AuthConfig = z.output<typeof authConfig>;
export type SigningKeyConfig = AuthConfig['signingKeys'][number];
