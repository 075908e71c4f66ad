import { z } from 'zod';

export const config = z.strictObject({
  /** Who may write to whom: friends only, or anyone who is not blocked. */
  directMessages: z.enum(['friends', 'anyone']).default('friends'),
  media: z.strictObject({ externalUrls: z.boolean().default(false) }).prefault({}),
  editWindowSeconds: z.int().min(0).default(86_400),
  recallWindowSeconds: z.int().min(0).default(86_400),
  /** Fixed in the database at first start. */
  partitions: z.int().min(1).max(1024).default(64),
  /** Events of a group of more members go to every gateway, which knows its own members; of a smaller one they name them. */
  largeGroupMembers: z.int().min(0).default(50),
  /** Batches that are stored at once; no more than the database has writers, which is 1 for SQLite. */
  lanes: z.int().min(1).max(32).default(4),
});

export type ChatConfig = z.output<typeof config>;
