/** A promise of the project that did not hold. */
export interface Violation {
  promise: 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6';
  /** What happened, in words. */
  text: string;
}

/** Violations of one promise that are told one by one; a broken server breaks it a thousand times. */
const MOST_TOLD = 10;

/** Violations as lines to print, promise by promise. */
export function tellViolations(violations: readonly Violation[]): string {
  return [...Map.groupBy(violations, (violation) => violation.promise)]
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([promise, broken]) => [
      `${promise} is broken ${broken.length} time${broken.length === 1 ? '' : 's'}:`,
      ...broken.slice(0, MOST_TOLD).map(({ text }) => `  ${text}`),
      ...(broken.length > MOST_TOLD ? [`  and ${broken.length - MOST_TOLD} more`] : []),
    ])
    .join('\n');
}
