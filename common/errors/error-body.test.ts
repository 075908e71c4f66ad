import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ErrorBodySchema, ErrorReason_Value } from '../gen/im/errors/v1/errors_pb.ts';
import { fromErrorBody, retryAfterMs, toErrorBody } from './error-body.ts';
import { ImError, type Reason } from './im-error.ts';

const REASONS = Object.keys(ErrorReason_Value).filter(
  (name) => name !== 'UNSPECIFIED' && Number.isNaN(Number(name)),
) as Reason[];

/** google.rpc codes and the HTTP statuses that may go with them. */
const STATUSES: Readonly<Record<string, readonly number[]>> = {
  CANCELLED: [499],
  INVALID_ARGUMENT: [400, 405, 413, 415],
  DEADLINE_EXCEEDED: [504],
  NOT_FOUND: [404],
  ALREADY_EXISTS: [409],
  PERMISSION_DENIED: [403],
  RESOURCE_EXHAUSTED: [429],
  FAILED_PRECONDITION: [409],
  ABORTED: [409],
  UNIMPLEMENTED: [501],
  INTERNAL: [500],
  UNAVAILABLE: [503],
  UNAUTHENTICATED: [401],
};

test('every reason has a code, an HTTP status that goes with it, and survives as a body', () => {
  expect(REASONS.length).toBeGreaterThan(50);
  for (const reason of REASONS) {
    const error = new ImError(reason, 'a message', { a: 'b' });
    const body = toErrorBody(error, 'r-1');
    expect(STATUSES[body.status], `${reason}: ${body.status}`).toContain(body.code);
    expect(body).toMatchObject({
      reason,
      message: 'a message',
      metadata: { a: 'b' },
      requestId: 'r-1',
    });
    expect(fromErrorBody(body)).toEqual(error);
  }
});

test('what was not meant to be seen is masked', () => {
  for (const thrown of [new Error('hunter2'), 'hunter2', undefined]) {
    expect(toErrorBody(thrown, 'r-1')).toMatchObject({
      code: 500,
      status: 'INTERNAL',
      reason: 'INTERNAL_ERROR',
      message: 'internal error',
      metadata: {},
    });
  }
  expect(toErrorBody(new DOMException('', 'AbortError'), '')).toMatchObject({
    code: 499,
    reason: 'CALL_CANCELLED',
  });
});

test("a database that cannot do it now is away; which one and why is nobody's business", () => {
  const full = Object.assign(new Error('database or disk is full'), {
    code: 'ERR_SQLITE_ERROR',
    errcode: 13,
  });
  expect(toErrorBody(full, '')).toMatchObject({ code: 503, status: 'UNAVAILABLE', reason: 'STORE_AWAY' });
  expect(toErrorBody(full, '').message).not.toContain('full');
  const broken = Object.assign(new Error('no such table: x'), { code: 'ERR_SQLITE_ERROR', errcode: 1 });
  expect(toErrorBody(broken, '')).toMatchObject({ code: 500, reason: 'INTERNAL_ERROR' });
});

test('a body with a reason of a later release becomes an internal error', () => {
  for (const reason of ['REASON_OF_TOMORROW', 'UNSPECIFIED', 'toString', '0', ''])
    expect(fromErrorBody(create(ErrorBodySchema, { reason, message: 'new' }))).toMatchObject({
      reason: 'INTERNAL_ERROR',
      message: 'internal error',
    });
});

test('when to try again is known for overload and quotas only', () => {
  const metadata = { retryAfterMs: '1500' };
  expect(retryAfterMs(new ImError('OVERLOADED', '', metadata))).toBe(1500);
  expect(retryAfterMs(new ImError('RATE_LIMITED', '', metadata))).toBe(1500);
  expect(retryAfterMs(new ImError('ACCESS_DENIED', '', metadata))).toBeUndefined();
  expect(retryAfterMs(new ImError('OVERLOADED', ''))).toBeUndefined();
  expect(retryAfterMs(new ImError('OVERLOADED', '', { retryAfterMs: 'soon' }))).toBeUndefined();
});
