import { ImError } from '@im/common/errors/im-error.ts';
import { z } from 'zod';

/** Where a run of pages stands: its base, its bound, and the last conversation served. */
export interface SyncRun {
  /** Positions that the run brings the device on from: events above them are due. */
  readonly base: readonly number[];
  /** Positions when the run began: what the cursor becomes at its end. */
  readonly bound: readonly number[];
  /** Order of the last conversation served: latest activity first, then by id. */
  readonly after: { readonly updatedAt: number; readonly conversationId: string };
}

/**
 * What a device holds: the store's epoch and, per partition, the change_no up
 * to which it has everything. Opaque to clients. No clocks, no margins.
 */
export interface SyncCursor {
  readonly epoch: string;
  readonly positions: readonly number[];
  readonly run?: SyncRun;
}

/** Names the format, so that a later one can tell itself from this. */
const VERSION = 1;

const wholeNumbers = z.array(z.int().min(0));
const encoded = z.tuple([
  z.literal(VERSION),
  z.string(),
  wholeNumbers,
  z.optional(z.tuple([wholeNumbers, z.int(), z.string()])),
]);

/**
 * The bound of a run is kept as what it is above the base, and the positions
 * during a run are its base: the text stays short.
 */
export function encodeCursor({ epoch, positions, run }: SyncCursor): string {
  const value: z.input<typeof encoded> = [VERSION, epoch, [...positions]];
  if (run) {
    const above = run.bound.map((bound, i) => bound - (run.base[i] ?? 0));
    value[2] = [...run.base];
    value.push([above, run.after.updatedAt, run.after.conversationId]);
  }
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Throws CURSOR_INVALID for anything that was not made for a store of so many partitions. */
export function decodeCursor(text: string, partitions: number): SyncCursor {
  const parsed = encoded.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (!parsed.success) throw cursorInvalid();
  const [, epoch, positions, run] = parsed.data;
  if (positions.length !== partitions) throw cursorInvalid();
  if (!run) return { epoch, positions };
  const [above, updatedAt, conversationId] = run;
  if (above.length !== partitions) throw cursorInvalid();
  const bound = above.map((step, i) => step + positions[i]!);
  return { epoch, positions, run: { base: positions, bound, after: { updatedAt, conversationId } } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function cursorInvalid(): ImError {
  return new ImError('CURSOR_INVALID', 'this cursor cannot be read; sync without one');
}
