import { expect, test } from 'vitest';
import { isTransient, isUniqueViolation } from './errors.ts';

const sqlite = (errcode: number) => Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode });
const mysql = (code: string) => Object.assign(new Error('x'), { code });

test('unique violations of both engines', () => {
  expect([sqlite(1555), sqlite(2067), mysql('ER_DUP_ENTRY')].every(isUniqueViolation)).toBe(true);
  expect(
    [sqlite(787), sqlite(5), mysql('ER_LOCK_DEADLOCK'), new Error('x'), undefined].some(isUniqueViolation),
  ).toBe(false);
});

test('errors that may pass, of both engines', () => {
  const busySnapshot = sqlite(517);
  const ioWrite = sqlite(778);
  expect([sqlite(5), busySnapshot, ioWrite, sqlite(13), mysql('ER_LOCK_DEADLOCK')].every(isTransient)).toBe(
    true,
  );
  expect([sqlite(1555), sqlite(1), mysql('ER_PARSE_ERROR'), new Error('x'), null].some(isTransient)).toBe(
    false,
  );
});
