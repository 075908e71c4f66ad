/** A lock whose waiters are served in the order they came. */
export interface FairLock {
  /** Takes the lock; undefined when it was free, so that nothing is awaited for nothing. */
  acquire(): Promise<void> | undefined;
  release(): void;
  /** Waits in the same line, but takes nothing. */
  pass(): Promise<void> | undefined;
}

interface Waiter {
  readonly takes: boolean;
  readonly goOn: () => void;
}

/** Makes a lock that is free. */
export function createFairLock(): FairLock {
  const line: Waiter[] = [];
  let held = false;

  function wait(takes: boolean): Promise<void> | undefined {
    if (!held) {
      held = takes;
      return undefined;
    }
    return new Promise((goOn) => line.push({ takes, goOn }));
  }

  return {
    acquire: () => wait(true),
    pass: () => wait(false),
    release() {
      held = false;
      while (!held) {
        const next = line.shift();
        if (next === undefined) return;
        held = next.takes;
        next.goOn();
      }
    },
  };
}
