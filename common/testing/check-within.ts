import fc, { type IAsyncProperty } from 'fast-check';

/**
 * Checks a property for as many runs as the time allows: fewer on a slow
 * machine, and a counterexample rather than a timeout. The run in which the time
 * ends is waited for, which fast-check leaves to itself.
 */
export async function checkWithin<T>(
  property: IAsyncProperty<T>,
  { runs, timeMs }: { runs: number; timeMs: number },
): Promise<void> {
  let last: ReturnType<IAsyncProperty<T>['run']> | undefined;
  const run = property.run.bind(property);
  property.run = (...args) => {
    const running = run(...args);
    last = running;
    return running;
  };
  await fc.assert(property, { numRuns: runs, interruptAfterTimeLimit: timeMs });
  const failure = await last;
  if (failure && 'error' in failure) throw failure.error;
}
