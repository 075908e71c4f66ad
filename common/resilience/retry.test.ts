import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserService } from '../gen/im/user/v1/user_service_pb.ts';
import { mayRetry } from './retry.ts';

const reads = UserService.method.getUser;
const writes = UserService.method.createUser;
const again = UserService.method.disableUser;

describe('retry', () => {
  test('only methods whose proto says idempotency_level', () => {
    const tries = { code: 'UNAVAILABLE', tried: ['a'], count: 1 };
    expect(mayRetry({ ...tries, method: reads })).toBe(true);
    expect(mayRetry({ ...tries, method: again })).toBe(true);
    expect(mayRetry({ ...tries, method: writes })).toBe(false);
  });

  test.each(['OK', 'DEADLINE_EXCEEDED', 'INTERNAL', 'RESOURCE_EXHAUSTED', 'ABORTED', 'CANCELLED', 'UNKNOWN'])(
    'only UNAVAILABLE, not %s',
    (code) => {
      expect(mayRetry({ method: reads, code, tried: ['a'], count: 1 })).toBe(false);
    },
  );

  test('at most 2 more', () => {
    const tries = { method: reads, code: 'UNAVAILABLE' };
    expect(mayRetry({ ...tries, tried: ['a', 'b'], count: 2 })).toBe(true);
    expect(mayRetry({ ...tries, tried: ['a', 'b', 'c'], count: 3 })).toBe(false);
  });

  test('another host: not where nobody was asked, nor where the same one was', () => {
    const tries = { method: reads, code: 'UNAVAILABLE' };
    expect(mayRetry({ ...tries, tried: [], count: 1 })).toBe(false);
    expect(mayRetry({ ...tries, tried: ['a', 'a'], count: 2 })).toBe(false);
    expect(mayRetry({ ...tries, tried: ['a'], count: 2 })).toBe(false);
  });

  test('property: whatever happens there are at most three tries', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', undefined), { minLength: 10 }),
        (addresses) => {
          const tried: string[] = [];
          let count = 0;
          do {
            const address = addresses[count];
            if (address !== undefined) tried.push(address);
            count += 1;
          } while (mayRetry({ method: reads, code: 'UNAVAILABLE', tried, count }));
          expect(count).toBeLessThanOrEqual(3);
        },
      ),
    );
  });
});
