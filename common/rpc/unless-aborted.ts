/**
 * What `work` comes to, or a rejection with the signal's reason as soon as it
 * aborts, even when `work` never ends. A failure that comes too late to be
 * the answer goes to `onLateFailure`.
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  onLateFailure?: (error: unknown) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let over = false;
    const abort = () => {
      over = true;
      reject(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(
      (value) => {
        signal.removeEventListener('abort', abort);
        resolve(value);
      },
      (error) => {
        signal.removeEventListener('abort', abort);
        if (over) onLateFailure?.(error);
        else reject(error);
      },
    );
  });
}
