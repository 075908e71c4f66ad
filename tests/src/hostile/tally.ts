import { ErrorReason_Value } from '@im/common/gen/im/errors/v1/errors_pb.ts';

/** HTTP statuses of errors, with the name each has in the body. */
const STATUS_NAMES: Readonly<Record<number, readonly string[]>> = {
  400: ['INVALID_ARGUMENT'],
  401: ['UNAUTHENTICATED'],
  403: ['PERMISSION_DENIED'],
  404: ['NOT_FOUND'],
  405: ['INVALID_ARGUMENT'],
  409: ['ALREADY_EXISTS', 'ABORTED', 'FAILED_PRECONDITION'],
  413: ['INVALID_ARGUMENT'],
  415: ['INVALID_ARGUMENT'],
  429: ['RESOURCE_EXHAUSTED'],
  503: ['UNAVAILABLE'],
  504: ['DEADLINE_EXCEEDED'],
};
/** Violations that are told in full; the rest is counted. */
const TOLD = 20;

/** What came of the inputs: counts only, whatever the number of inputs. */
export interface Tally {
  readonly counts: Map<string, number>;
  readonly violations: readonly string[];
  count(outcome: string): void;
  violation(what: string): void;
  /** Counts the error that an answer shows, a violation when it is not of the documented form. */
  error(where: string, error: unknown, input: string): void;
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  const violations: string[] = [];
  const tally: Tally = {
    counts,
    violations,
    count(outcome) {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    },
    violation(what) {
      tally.count('VIOLATION');
      if (violations.length < TOLD) violations.push(what);
    },
    error(where, error, input) {
      const wrong = faultOf(error);
      if (wrong) return tally.violation(`${where}: ${wrong}: ${JSON.stringify(error)}; input: ${input}`);
      const { code, reason } = error as { code: number; reason: string };
      tally.count(`${where} ${code} ${reason}`);
    },
  };
  return tally;
}

function faultOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return 'no error in the answer';
  const { code, status, reason, message, metadata, requestId, ...more } = error as Record<string, unknown>;
  if (!STATUS_NAMES[Number(code)]?.includes(String(status))) return 'an undocumented or forbidden status';
  if (!(String(reason) in ErrorReason_Value) || reason === 'INTERNAL_ERROR') return 'an unforeseen reason';
  if (typeof message !== 'string' || message === '' || /\bat .+:\d+:\d+/.test(message))
    return 'no clear message';
  if (typeof metadata !== 'object' || metadata === null) return 'no metadata';
  if (Object.values(metadata).some((value) => typeof value !== 'string')) return 'metadata that is not text';
  if (typeof requestId !== 'string' || requestId === '') return 'no request id';
  if (Object.keys(more).length > 0) return 'more fields than documented';
  return undefined;
}
