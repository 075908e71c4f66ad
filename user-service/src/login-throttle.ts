import { retryLostRace } from '@im/common/database/retry-lost-race.ts';
import { ImError } from '@im/common/errors/im-error.ts';
import type { Transaction } from 'kysely';
import type { ThrottleLimits } from './config.ts';
import type { UserContext } from './context.ts';
import { loginDelayMs } from './domain/login-delay.ts';
import {
  countAttempt,
  deleteThrottle,
  findThrottle,
  insertThrottle,
  takeBackAttempt,
  updateThrottle,
} from './store/login-throttle.ts';
import type { UserTables } from './store/tables.ts';

/** How far the clocks of instances may differ, in milliseconds. */
const CLOCKS_DIFFER_MS = 60_000;

/** Whose failures an attempt counts among. */
export interface ThrottleKeys {
  account: string;
  address: string | undefined;
}

/** An attempt that was let through and counts as failed until it is settled. */
export interface Attempt {
  /** The password was right: the account's failures are forgotten, the address's stay. */
  succeeded(): Promise<void>;
  /** The password was never looked at. */
  takeBack(): Promise<void>;
}

/**
 * Lets an attempt to sign in through or throws LOGIN_THROTTLED. It is counted as
 * a failure beforehand: however many come at once, no more of them are looked at
 * than one after another would be, and a crash gives no free tries.
 */
export async function admitAttempt(context: UserContext, keys: ThrottleKeys): Promise<Attempt> {
  const { database, config, now } = context;
  const { account, address } = config.throttle;
  const charge = { at: now(), forgetAfterMs: config.throttle.forgetAfterMs };
  const waits = await retryLostRace(() =>
    database.transaction(async (trx) => ({
      account: await countOne(trx, keys.account, { ...charge, limits: account }),
      address:
        keys.address === undefined ? 0 : await countOne(trx, keys.address, { ...charge, limits: address }),
    })),
  );
  const takeBackOfAddress = async (trx: Transaction<UserTables>) => {
    if (keys.address === undefined) return;
    await takeBackAttempt(trx, { key: keys.address, blockedUntil: waits.address });
  };
  return {
    succeeded: () =>
      database.transaction(async (trx) => {
        await deleteThrottle(trx, keys.account);
        await takeBackOfAddress(trx);
      }),
    takeBack: () =>
      database.transaction(async (trx) => {
        await takeBackAttempt(trx, { key: keys.account, blockedUntil: waits.account });
        await takeBackOfAddress(trx);
      }),
  };
}

/** No wait is that long: it began while a clock was ahead, and must not last until that time comes. */
function isFromAhead(blockedUntil: number, at: number, limits: ThrottleLimits): boolean {
  return blockedUntil - at > limits.mostDelayMs + CLOCKS_DIFFER_MS;
}

/** Counts an attempt of one key; gives until when further ones are refused (milliseconds since 1970, 0: not at all). */
async function countOne(
  trx: Transaction<UserTables>,
  key: string,
  { at, limits, forgetAfterMs }: { at: number; limits: ThrottleLimits; forgetAfterMs: number },
): Promise<number> {
  const known = (await countAttempt(trx, key)) ? await findThrottle(trx, key) : undefined;
  if (known && known.blocked_until > at && !isFromAhead(known.blocked_until, at, limits)) {
    throw new ImError('LOGIN_THROTTLED', 'too many failed attempts, wait before the next', {
      retryAfterMs: String(known.blocked_until - at),
    });
  }
  const forgotten = known && Math.max(known.updated_at, known.blocked_until) + forgetAfterMs <= at;
  const failures = known && !forgotten ? known.failures : 1;
  const delay = loginDelayMs(failures, limits);
  const row = {
    throttle_key: key,
    failures,
    blocked_until: delay > 0 ? at + delay : 0,
    updated_at: at,
  };
  await (known ? updateThrottle(trx, row) : insertThrottle(trx, row));
  return row.blocked_until;
}
