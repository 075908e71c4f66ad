import { backoffMs } from '../utils/wait.ts';

const RETRY = { firstMs: 100, mostMs: 2_000 };
/** Keys told at a time. */
const AT_ONCE = 500;
/** Keys that wait to be told at most; beyond it the oldest is given up. */
const MOST_KEYS = 10_000;

/** Keys whose change the cache has not been told yet. */
export interface PendingForgets {
  /** Tells the cache, now or, when it cannot be told, later. Never rejects. */
  forget(keys: readonly string[]): Promise<void>;
  has(key: string): boolean;
  close(): void;
}

export function createPendingForgets(options: {
  forget: (keys: readonly string[]) => Promise<void>;
  /** How long after a change it is worth to tell of it: the cache has nothing older then. */
  worthMs: number;
  clock: () => number;
  onGivenUp: (count: number) => void;
}): PendingForgets {
  const { clock } = options;
  /** The last change of each, the oldest first. */
  const waiting = new Map<string, { readonly at: number }>();
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  /** Whether the cache took it. A key that is changed again meanwhile waits on. */
  async function tell(keys: readonly string[]): Promise<boolean> {
    const changes = keys.map((key) => waiting.get(key));
    try {
      await options.forget(keys);
    } catch {
      return false;
    }
    for (const [index, key] of keys.entries()) {
      if (waiting.get(key) === changes[index]) waiting.delete(key);
    }
    return true;
  }

  function schedule(): void {
    if (closed || timer !== undefined || waiting.size === 0) return;
    timer = setTimeout(() => void retry(), backoffMs(failures, RETRY));
    // What is left when the process ends is gone with it, and bounded by the lifetime of what is held.
    timer.unref();
  }

  async function retry(): Promise<void> {
    for (const [key, { at }] of waiting) if (clock() - at > options.worthMs) waiting.delete(key);
    for (let told = true; told && waiting.size > 0 && !closed; ) {
      told = await tell([...waiting.keys()].slice(0, AT_ONCE));
      failures = told ? 0 : failures + 1;
    }
    timer = undefined;
    schedule();
  }

  return {
    async forget(keys) {
      if (keys.length === 0) return;
      for (const key of keys) {
        waiting.delete(key);
        waiting.set(key, { at: clock() });
      }
      if (await tell(keys)) return;
      const beyond = [...waiting.keys()].slice(0, Math.max(0, waiting.size - MOST_KEYS));
      for (const key of beyond) waiting.delete(key);
      if (beyond.length > 0) options.onGivenUp(beyond.length);
      schedule();
    },
    has: (key) => waiting.has(key),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
