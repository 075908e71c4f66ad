import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '@im/common/utils/private-file.ts';
import { z } from 'zod';

/** Written last, so a folder without one is no backup. */
const MANIFEST_FILE = 'manifest.json';

/** Raised when an older release could no longer restore what a newer one has written. */
const FORMAT = 1;

const backupFile = z.strictObject({
  // A plain name, so that no manifest can reach outside its folder.
  name: z.string().regex(/^[a-z][a-z0-9-]*\.(db|json|key)$/),
  bytes: z.int().min(0),
  /** Hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const manifest = z.strictObject({
  format: z.literal(FORMAT),
  /** The release that took the backup. */
  serverVersion: z.string(),
  /** When it was begun: everything acknowledged before is in it. */
  takenAt: z.iso.datetime(),
  /** Of the conversation log, at that time; a restore renews it. */
  epoch: z.string().optional(),
  /** In the order in which they were copied. */
  files: z.array(backupFile).min(1),
});

export type Manifest = z.output<typeof manifest>;
export type BackupFile = Manifest['files'][number];

/** What a whole backup needs beside its files. */
export function writeManifest(folder: string, content: Omit<Manifest, 'format'>): Manifest {
  const written: Manifest = { format: FORMAT, ...content };
  writePrivateFile(join(folder, MANIFEST_FILE), `${JSON.stringify(written, undefined, 2)}\n`);
  return written;
}

/** Throws with a sentence for the operator when the folder is no backup, or none for this release. */
export function readManifest(folder: string): Manifest {
  const file = join(folder, MANIFEST_FILE);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(
      missing ? `${folder} is no backup: it has no ${MANIFEST_FILE}` : `${file} cannot be read`,
      { cause },
    );
  }
  const { format } = (content ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > FORMAT)
    throw new Error(`${folder} was written by a newer release (format ${format}): restore it with that one`);
  const read = manifest.safeParse(content);
  if (!read.success) throw new Error(`${file} is not as this server writes it`, { cause: read.error });
  return read.data;
}
