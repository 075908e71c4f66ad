/** What is remembered, in milliseconds, and in how many pieces it is forgotten. */
const WINDOW_MS = 10_000;
const BUCKETS = 40;
const BUCKET_MS = WINDOW_MS / BUCKETS;
/** How many calls are let through for one that succeeds; the rest is what a server may fail without being spared. */
const K = 1.5;
/** What K sinks to when nothing but failures came for a whole window. */
const LEAST_K = 1.1;
/** Requests in a window that are never refused: too few to judge by. */
const PROTECTED = 5;
/** While calls are refused one is let through this often, in milliseconds, to learn whether it works again. */
const PROBE_MS = 1_000;

export interface BreakerOptions {
  /** Milliseconds, monotonic. */
  clock: () => number;
  /** From 0 to below 1. */
  random: () => number;
}

/**
 * Refuses calls in proportion to how many failed lately, so that a server in
 * trouble is spared and the caller fails at once. Client-side throttling as in
 * Google's book on site reliability (chapter 21), with go-zero's refinements: of
 * `requests` in a window of which `accepts` succeeded, the share
 * `(requests − 5 − K·accepts) / (requests + 1)` is refused. It has no states to be
 * stuck in.
 */
export interface Breaker {
  /** Whether a call may be made. One that may is to be reported once; one that may not is counted here. */
  allows(): boolean;
  succeeded(): void;
  failed(): void;
  /** The share of calls that would be refused now, from 0 to below 1. */
  dropRatio(): number;
}

export function createBreaker({ clock, random }: BreakerOptions): Breaker {
  const successes = new Uint32Array(BUCKETS);
  const failures = new Uint32Array(BUCKETS);
  const refusals = new Uint32Array(BUCKETS);
  let newest = Math.floor(clock() / BUCKET_MS);
  /** In the whole window, so that the usual call, after which nothing has failed, need not look at the buckets. */
  let failed = 0;
  let lastPassAt = Number.NEGATIVE_INFINITY;

  /** Forgets what is older than the window; the place of the present bucket. */
  function present(): number {
    const now = Math.floor(clock() / BUCKET_MS);
    if (now > newest) {
      for (let bucket = Math.max(newest + 1, now - BUCKETS + 1); bucket <= now; bucket += 1) {
        const i = bucket % BUCKETS;
        failed -= failures[i]!;
        successes[i] = 0;
        failures[i] = 0;
        refusals[i] = 0;
      }
      newest = now;
    }
    return newest % BUCKETS;
  }

  function ratio(): number {
    present();
    if (failed === 0) return 0;
    let accepts = 0;
    let requests = 0;
    // The newest buckets in a row in which everything failed, and in which nothing did.
    let failing = 0;
    let working = 0;
    for (let age = BUCKETS - 1; age >= 0; age -= 1) {
      const i = (newest - age + BUCKETS) % BUCKETS;
      accepts += successes[i]!;
      requests += successes[i]! + failures[i]! + refusals[i]!;
      if (failures[i]! > 0) working = 0;
      else if (successes[i]! > 0) working += 1;
      if (successes[i]! > 0) failing = 0;
      else if (failures[i]! > 0) failing += 1;
    }
    const k = Math.max(LEAST_K, K - (K - LEAST_K) * (failing / BUCKETS));
    const share = (requests - PROTECTED - k * accepts) / (requests + 1);
    // Spared less the longer nothing has failed.
    return share <= 0 ? 0 : share * ((BUCKETS - working) / BUCKETS);
  }

  return {
    allows() {
      const share = ratio();
      if (share === 0) return true;
      const now = clock();
      if (now - lastPassAt > PROBE_MS || random() >= share) {
        lastPassAt = now;
        return true;
      }
      refusals[newest % BUCKETS]! += 1;
      return false;
    },
    succeeded() {
      successes[present()]! += 1;
    },
    failed() {
      failures[present()]! += 1;
      failed += 1;
    },
    dropRatio: ratio,
  };
}
