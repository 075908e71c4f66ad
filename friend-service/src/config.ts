import { z } from 'zod';

/** friend-service's own settings (`etc/friend-service.yaml`). */
export const friendConfig = z.strictObject({
  /** Milliseconds a change waits for chat-service to have taken it before it is answered all the same. */
  handOverTimeoutMs: z.int().min(0).max(1_500).default(500),
});

export type FriendConfig = z.output<typeof friendConfig>;
