/** The event loop counts as overloaded from here. */
const OVERLOADED = 0.9;
/** How long is looked back for the best piece, and how long the pieces are, in milliseconds. */
const WINDOW_MS = 5_000;
const PIECE_MS = 500;
const PIECES = WINDOW_MS / PIECE_MS;
/** Calls in flight that are never too many: few enough to be served within a deadline, and a cold server has passed none yet. */
const ALWAYS_ADMITTED = 100;

export interface ShedderOptions {
  /** Milliseconds, monotonic. */
  clock: () => number;
  /** The busy share of the event loop, 0 to 1. */
  load: () => number;
}

/**
 * Refuses calls when they would only wait: the event loop is busy all the
 * time, and more calls are in flight than were finished in the best half second
 * of the last five, so the newest would wait longer than that. By Little's law
 * these are the calls that fit into half a second of latency.
 *
 * go-zero multiplies by the shortest latency seen instead, which makes a limit
 * that a single thread at full use crosses in health.
 */
export interface Shedder {
  /** Whether a call is taken; one that is must be ended once. */
  begin(): boolean;
  /** `passed`: with an answer, or an error that is not the server's slowness. */
  end(passed: boolean): void;
}

export function createShedder({ clock, load }: ShedderOptions): Shedder {
  const passes = new Uint32Array(PIECES);
  let newest = Math.floor(clock() / PIECE_MS);
  let inFlight = 0;

  function present(): number {
    const now = Math.floor(clock() / PIECE_MS);
    if (now > newest) {
      for (let piece = Math.max(newest + 1, now - PIECES + 1); piece <= now; piece += 1)
        passes[piece % PIECES] = 0;
      newest = now;
    }
    return newest % PIECES;
  }

  function mostAtOnce(): number {
    present();
    return Math.max(ALWAYS_ADMITTED, ...passes);
  }

  return {
    begin() {
      if (load() >= OVERLOADED && inFlight >= mostAtOnce()) return false;
      inFlight += 1;
      return true;
    },
    end(passed) {
      inFlight -= 1;
      if (passed) passes[present()]! += 1;
    },
  };
}
