import type { Send } from './send.ts';

/** Bounds of one message of the stream; the first item goes whatever its size. */
const MOST_ITEMS = 500;
const MOST_BYTES = 1024 * 1024;

/** Takes the sends off the front of `outbox` that go in one message, in order. Those no longer owed are dropped. */
export function takeBatch(outbox: Send[], isOwed: (send: Send) => boolean): Send[] {
  const batch: Send[] = [];
  let bytes = 0;
  let taken = 0;
  for (const send of outbox) {
    if (isOwed(send)) {
      if (batch.length >= MOST_ITEMS || (batch.length > 0 && bytes + send.bytes > MOST_BYTES)) break;
      batch.push(send);
      bytes += send.bytes;
    }
    taken += 1;
  }
  outbox.splice(0, taken);
  return batch;
}
