/** A promise for a test to wait on, settled from elsewhere. */
export function signalled<T = void>(): { promise: Promise<T>; fire(value: T): void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, fire: resolve };
}

/** Resolves when a signal aborts, with its reason. */
export function abortOf(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
}

/** A promise that never settles. */
export function never(): Promise<never> {
  return new Promise(() => {});
}
