import { z } from 'zod';

/** group-service's own settings (`etc/group-service.yaml`). */
export const groupConfig = z.strictObject({
  /** Who may be added to a group: friends of the one who invites, or anyone who has not blocked them. As in chat-service. */
  directMessages: z.enum(['friends', 'anyone']).default('friends'),
  /** Members of one group. */
  maxMembers: z.int().min(1).max(100_000).default(2_000),
  /** Milliseconds a change waits for chat-service to have taken it before it is answered all the same. */
  handOverTimeoutMs: z.int().min(0).max(1_500).default(500),
});

export type GroupConfig = z.output<typeof groupConfig>;
