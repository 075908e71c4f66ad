import { crc32 } from 'node:zlib';
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { ImError } from '@im/common/errors/im-error.ts';

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
  /** During a run of pages its bound. */
  readonly positions: readonly number[];
  readonly run?: SyncRun | undefined;
  /** The user's profile was due and could not be read. */
  readonly profileOwed: boolean;
}

/** Names the format, so that a later one can tell itself from this. */
const VERSION = 1;
const CHECKSUM_BYTES = 4;

/**
 * As short as it gets, because it travels in the query of a URL: numbers of
 * seven bits a byte, and the bound of a run as what it is above its base.
 */
export function encodeCursor({ epoch, positions, run, profileOwed }: SyncCursor): string {
  const writer = new BinaryWriter().uint32(VERSION).string(epoch).bool(profileOwed);
  writeNumbers(writer, run?.base ?? positions);
  writer.bool(run !== undefined);
  if (run) {
    writeNumbers(
      writer,
      run.bound.map((bound, i) => bound - run.base[i]!),
    );
    writer.uint64(run.after.updatedAt).string(run.after.conversationId);
  }
  const body = writer.finish();
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([body, checksum]).toString('base64url');
}

/** Throws CURSOR_INVALID for anything that `encodeCursor` did not make. */
export function decodeCursor(text: string): SyncCursor {
  try {
    return decode(Buffer.from(text, 'base64url'));
  } catch {
    throw cursorInvalid();
  }
}

/** That a cursor cannot be read, or is not of this store. */
export function cursorInvalid(): ImError {
  return new ImError('CURSOR_INVALID', 'this cursor cannot be read; sync without one', { field: 'cursor' });
}

function decode(bytes: Buffer): SyncCursor {
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (crc32(body) !== bytes.readUInt32BE(body.length)) throw new Error('wrong checksum');
  const reader = new BinaryReader(body);
  if (reader.uint32() !== VERSION) throw new Error('another format');
  const epoch = reader.string();
  const profileOwed = reader.bool();
  const base = readNumbers(reader);
  if (!reader.bool()) return { epoch, positions: base, profileOwed };
  const above = readNumbers(reader);
  if (above.length !== base.length) throw new Error('a bound for every base');
  const bound = base.map((number, i) => number + above[i]!);
  const after = { updatedAt: Number(reader.uint64()), conversationId: reader.string() };
  return { epoch, positions: bound, run: { base, bound, after }, profileOwed };
}

function writeNumbers(writer: BinaryWriter, numbers: readonly number[]): void {
  writer.uint32(numbers.length);
  for (const number of numbers) writer.uint64(number);
}

function readNumbers(reader: BinaryReader): number[] {
  return Array.from({ length: reader.uint32() }, () => Number(reader.uint64()));
}
