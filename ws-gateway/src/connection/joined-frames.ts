/**
 * A row of frames that are written together. Rows that begin alike share their
 * beginning, and sockets that get the same row share one buffer: in a group of
 * 200 the events of a tick are joined once, not 200 times.
 */
export interface JoinedFrames {
  /** Bytes of the whole row. */
  readonly length: number;
  /** Frames of the row. */
  readonly count: number;
  readonly before: JoinedFrames | undefined;
  readonly last: Buffer;
  /** The rows that go on from here, by the frame that comes next. Most go on in one way only. */
  onlyNext: JoinedFrames | undefined;
  others: Map<Buffer, JoinedFrames> | undefined;
  whole: Buffer | undefined;
}

/** A row without frames. Rows made of it share only with each other. */
export function noFrames(): JoinedFrames {
  return row(undefined, Buffer.alloc(0));
}

/** The row with one more frame behind it. The same frame gives the same row. */
export function withFrame(before: JoinedFrames, frame: Buffer): JoinedFrames {
  const { onlyNext } = before;
  if (onlyNext?.last === frame) return onlyNext;
  const known = before.others?.get(frame);
  if (known !== undefined) return known;
  const next = row(before, frame);
  if (onlyNext === undefined) {
    before.onlyNext = next;
  } else {
    before.others ??= new Map();
    before.others.set(frame, next);
  }
  return next;
}

/** All frames of a row behind one another; joined at the first call. */
export function bytesOf(frames: JoinedFrames): Buffer {
  frames.whole ??= frames.count === 1 ? frames.last : join(frames);
  return frames.whole;
}

function row(before: JoinedFrames | undefined, last: Buffer): JoinedFrames {
  return {
    length: (before?.length ?? 0) + last.length,
    count: before === undefined ? 0 : before.count + 1,
    before,
    last,
    onlyNext: undefined,
    others: undefined,
    whole: undefined,
  };
}

function join(frames: JoinedFrames): Buffer {
  const whole = Buffer.allocUnsafe(frames.length);
  let end = frames.length;
  for (let at: JoinedFrames | undefined = frames; at !== undefined; at = at.before) {
    end -= at.last.length;
    whole.set(at.last, end);
  }
  return whole;
}
