import { ClientError, Metadata, Status } from 'nice-grpc';
import { expect, test } from 'vitest';
import { ImError } from '../../errors/im-error.ts';
import { fromClientError, toServerError } from './status.ts';

function plain(code: Status, details = '10.1.2.3:7000 refused') {
  return fromClientError(new ClientError('/a.B/C', code, details), new Metadata());
}

test('an error survives the way there and back', () => {
  const trailer = new Metadata();
  const error = new ImError('EDIT_WINDOW_PASSED', 'too late: 太晚了', { seconds: '120' });
  const { code, details } = toServerError(error, trailer);
  expect(code).toBe(Status.FAILED_PRECONDITION);
  expect(fromClientError(new ClientError('/a.B/C', code, details), trailer)).toEqual(error);
});

test('what was not meant for callers does not leave', () => {
  const trailer = new Metadata();
  const { code, details } = toServerError(new Error('hunter2'), trailer);
  expect([code, details]).toEqual([Status.INTERNAL, 'internal error']);
  expect(JSON.stringify([...trailer])).not.toContain(Buffer.from('hunter2').toString('base64').slice(0, 8));
  expect(Buffer.from(trailer.get('grpc-status-details-bin')!).toString('latin1')).not.toContain('hunter2');
});

test('a status without our details becomes the general reason of its code, without its words', () => {
  const codes = Object.values(Status).filter(
    (code): code is Status => typeof code === 'number' && code !== 0,
  );
  for (const code of codes) {
    const error = plain(code);
    expect(error.message).not.toContain('10.1.2.3');
    // Where there is no general reason for a code, and for a call that nobody here ended.
    const sameCode = ['INTERNAL', 'UNAVAILABLE', Status[code]];
    expect(sameCode, Status[code]).toContain(error.status);
  }
  expect(plain(Status.UNAVAILABLE).reason).toBe('SERVICE_AWAY');
  expect(plain(Status.CANCELLED).reason).toBe('SERVICE_AWAY');
  expect(plain(Status.UNKNOWN).reason).toBe('INTERNAL_ERROR');
  expect(plain(Status.DEADLINE_EXCEEDED).reason).toBe('DEADLINE_PASSED');
  expect(plain(Status.INTERNAL, 'Received RST_STREAM with code 2').reason).toBe('SERVICE_AWAY');
  const large = plain(Status.RESOURCE_EXHAUSTED, 'Received message larger than max (9 vs 8)');
  expect(large.reason).toBe('TOO_LARGE');
});

test("details that are rubbish, of others, or of a later release leave the code's general reason", () => {
  const trailer = new Metadata();
  const { code } = toServerError(new ImError('NOT_A_MEMBER', 'no'), trailer);
  const bytes = Buffer.from(trailer.get('grpc-status-details-bin')!);
  const changed = (from: string, to: string) =>
    Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1');
  for (const details of [
    Buffer.from([0xff]),
    changed('\x02im', '\x02xx'),
    changed('NOT_A_MEMBER', 'NOT_A_NUMBER'),
  ]) {
    const received = new Metadata().set('grpc-status-details-bin', details);
    expect(fromClientError(new ClientError('/a.B/C', code, 'no'), received).reason).toBe('ACCESS_DENIED');
  }
});
