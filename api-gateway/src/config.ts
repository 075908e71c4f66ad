import { z } from 'zod';

/** 1 MiB, as the public interface states. */
const BODY_LIMIT_BYTES = 1_048_576;

/** What a request may take as a whole, in milliseconds. */
const TIMEOUT_MS = 3_000;

/** An origin as browsers write it (`https://chat.example.com`), or `*` for any. */
const origin = z
  .string()
  .refine((text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text), {
    error: 'must be an origin such as https://chat.example.com (no path, no final slash) or *',
  });

const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** api-gateway's own settings (`etc/api-gateway.yaml`). */
export const apiGatewayConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 is a free port. */
  port: z.int().min(0).max(65_535).default(8080),
  /** Empty: the server's own origin, and localhost too when bound to loopback. */
  allowedOrigins: z.array(origin).default([]),
  /** Whose `X-Forwarded-For` is believed: addresses or CIDR ranges. */
  trustedProxies: z.array(addressRange).default([]),
  bodyLimitBytes: z.int().min(1_024).max(67_108_864).default(BODY_LIMIT_BYTES),
  /** Requests a minute, 0 for any number: of a signed-in user … */
  requestsPerMinutePerUser: z.int().min(0).default(6_000),
  /** … and of a network address, signed in or not. */
  requestsPerMinutePerAddress: z.int().min(0).default(12_000),
  /** Milliseconds for the call behind a request. */
  timeoutMs: z.int().min(100).max(60_000).default(TIMEOUT_MS),
  /** What clients are told to open. Empty: ws-gateway's default port on `host`. */
  socketUrl: z.union([z.literal(''), z.url({ protocol: /^wss?$/ })]).default(''),
  /** Shown to clients; 0 while there are no uploads. */
  maxUploadBytes: z.int().min(0).default(0),
  /** Whether `/docs` and `/openapi.json` are served. */
  docs: z.boolean().default(true),
});

export type ApiGatewayConfig = z.output<typeof apiGatewayConfig>;
