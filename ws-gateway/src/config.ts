import { z } from 'zod';

const MIB = 1024 * 1024;

/** An origin as browsers write it (`https://chat.example.com`), or `*` for any. */
const origin = z
  .string()
  .refine((text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text), {
    error: 'must be an origin such as https://chat.example.com (no path, no final slash) or *',
  });

const addressRange = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** Settings of the socket gateway. Times are in the unit their name says. */
export const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(8081),
  /** Empty: the server's own, and localhost too when bound to loopback. */
  allowedOrigins: z.array(origin).default([]),
  /** Whose `X-Forwarded-For` is believed: addresses or CIDR ranges. */
  trustedProxies: z.array(addressRange).default([]),
  heartbeatSeconds: z.int().min(1).max(3_600).default(30),
  /** How long a new socket may take to say hello. */
  helloTimeoutMs: z.int().min(1).default(5_000),
  /** Bytes of one frame from a client. */
  maxFrameBytes: z.int().min(1_024).default(MIB),
  framesPerSecond: z.int().min(1).default(1_000),
  frameBurst: z.int().min(1).default(2_000),
  socketsPerUser: z.int().min(1).default(100),
  /** Sockets of this process, signed in or not. */
  maxSockets: z.int().min(1).default(200_000),
  /** New sockets a minute of a network address; 0 for any number. */
  socketsPerMinutePerAddress: z.int().min(0).default(3_000),
  /** Bytes that may wait for a client to read them. */
  sendBufferBytes: z
    .int()
    .min(1_024)
    .default(4 * MIB),
  /** From the arrival of a frame to its answer. */
  answerTimeoutMs: z.int().min(1).default(3_000),
  /** Requests of one socket that are worked on at the same time. */
  requestsPerSocket: z.int().min(1).default(16),
  /** How long a stopping gateway waits for the answers it still owes. */
  stopTimeoutMs: z.int().min(0).default(5_000),
});

export type GatewayConfig = z.output<typeof configSchema>;
