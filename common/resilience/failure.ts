/**
 * Codes that say something about the server, not about the request. RESOURCE_EXHAUSTED
 * is the caller's own quota: it must not close a service to everybody else.
 */
const FAILURES: ReadonlySet<string> = new Set([
  'DEADLINE_EXCEEDED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNIMPLEMENTED',
  'UNKNOWN',
]);

/** Whether a call that came out with `code` (a google.rpc name, or OK) failed for reasons of its server. */
export function isFailure(code: string): boolean {
  return FAILURES.has(code);
}
