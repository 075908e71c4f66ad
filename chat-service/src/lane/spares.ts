/** A few connections for transactions that may have to wait for a lock, shared by all lanes. */
export interface Spares {
  /** False when all are taken. */
  take(): boolean;
  giveBack(): void;
}

/** `count` of them, at least one. */
export function createSpares(count: number): Spares {
  let free = Math.max(1, count);
  return {
    take() {
      if (free === 0) return false;
      free -= 1;
      return true;
    },
    giveBack() {
      free += 1;
    },
  };
}
