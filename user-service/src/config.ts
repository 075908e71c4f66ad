import { z } from 'zod';

/** How failed logins of one account, or of one address, are slowed down. */
const throttleLimits = (defaults: { free: number; firstDelayMs: number; mostDelayMs: number }) =>
  z
    .strictObject({
      /** Failures that cost no waiting. */
      free: z.int().min(1).default(defaults.free),
      /** Milliseconds to wait after the first failure beyond them; each further one doubles it. */
      firstDelayMs: z.int().min(1).default(defaults.firstDelayMs),
      /** Milliseconds that no wait exceeds. */
      mostDelayMs: z.int().min(1).default(defaults.mostDelayMs),
    })
    .prefault({});

/** user-service's own settings (`etc/user-service.yaml`). */
export const userConfig = z.strictObject({
  /** Whether anybody may make an account. The server API makes them either way. */
  registration: z.enum(['open', 'closed']).default('open'),
  /** `open` lets an empty search list everybody. */
  directory: z.enum(['open', 'closed']).default('closed'),
  /** The first key of the server API, with all scopes. Only its hash is kept. */
  adminKey: z
    .string()
    .min(32, 'must have at least 32 characters')
    .startsWith('imk_', 'must begin with imk_, as all API keys do')
    .optional(),
  /** Milliseconds a change waits for the services it is told to, before it is answered all the same. */
  handOverTimeoutMs: z.int().min(0).max(1_500).default(500),
  /** argon2id. Defaults by OWASP's Password Storage Cheat Sheet; hashes of other settings are renewed at login. */
  password: z
    .strictObject({
      memoryKiB: z.int().min(8).max(1_048_576).default(19_456),
      passes: z.int().min(1).max(100).default(2),
      parallelism: z.int().min(1).max(16).default(1),
    })
    .refine((value) => value.memoryKiB >= 8 * value.parallelism, 'memoryKiB must be 8 times parallelism')
    .prefault({}),
  /** Logins and password changes that fail. */
  throttle: z
    .strictObject({
      account: throttleLimits({ free: 10, firstDelayMs: 1_000, mostDelayMs: 300_000 }),
      /** More of them are free: an office or a mobile network shares one address. */
      address: throttleLimits({ free: 100, firstDelayMs: 1_000, mostDelayMs: 60_000 }),
      /** Milliseconds without a failure after which earlier ones are forgotten. */
      forgetAfterMs: z.int().min(1_000).default(3_600_000),
    })
    .prefault({}),
});

export type UserConfig = z.output<typeof userConfig>;
export type PasswordCost = UserConfig['password'];
export type ThrottleConfig = UserConfig['throttle'];
export type ThrottleLimits = ThrottleConfig['account'];
