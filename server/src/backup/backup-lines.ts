import { z } from 'zod';

/** Where a running server takes backups: a POST on its admin port. */
export const BACKUP_PATH = '/backup';

/** What is asked. */
export const backupRequest = z.strictObject({
  /** Absolute: the server's working directory need not be the asker's. */
  to: z.string().startsWith('/').max(4_096),
});

/** What is answered, a JSON object a line: files as they are copied, then how it ended. */
export const backupLine = z.union([
  z.strictObject({ copied: z.strictObject({ name: z.string(), bytes: z.number() }) }),
  z.strictObject({ done: z.strictObject({ to: z.string() }) }),
  z.strictObject({ failed: z.string() }),
]);

export type BackupLine = z.output<typeof backupLine>;

/** A line as it is sent. */
export function lineOf(line: BackupLine): string {
  return `${JSON.stringify(line)}\n`;
}
