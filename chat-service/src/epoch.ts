import { randomToken } from '@im/common/utils/random-id.ts';

const EPOCH_BYTES = 9;

/** Names a store between two losses of commits; no two are the same. */
export function newEpoch(): string {
  return randomToken(EPOCH_BYTES);
}
