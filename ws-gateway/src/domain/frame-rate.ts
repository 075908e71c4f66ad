/** How many frames a socket may send: `perSecond` for long, `burst` at once. */
export interface FrameRateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** What is left of a socket's allowance. */
export interface FrameRate {
  left: number;
  /** Milliseconds; when `left` was counted. */
  at: number;
}

/** A full allowance. */
export function newFrameRate(limit: FrameRateLimit, now: number): FrameRate {
  return { left: limit.burst, at: now };
}

/** Counts a frame that came at `now` (milliseconds); false when it is one too many. */
export function takeFrame(rate: FrameRate, limit: FrameRateLimit, now: number): boolean {
  const earned = ((now - rate.at) / 1_000) * limit.perSecond;
  rate.left = Math.min(limit.burst, rate.left + Math.max(0, earned));
  rate.at = now;
  if (rate.left < 1) return false;
  rate.left -= 1;
  return true;
}
