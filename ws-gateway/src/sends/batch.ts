import type { Send } from './send.ts';

/** Bounds of one message of the stream, unless its first group is larger. */
const MOST_SENDS = 500;
const MOST_BYTES = 1024 * 1024;

/**
 * Takes the groups off the front of `outbox` that go in one message, in order.
 * A group is never divided: chat-service refuses the rest of a group by what
 * one message holds. Sends that are no longer owed are left out.
 */
export function takeBatch(outbox: Send[][], isOwed: (send: Send) => boolean): Send[] {
  const batch: Send[] = [];
  let bytes = 0;
  let taken = 0;
  for (const group of outbox) {
    const owed = group.filter(isOwed);
    for (const send of owed) bytes += send.bytes;
    if (batch.length > 0 && (batch.length + owed.length > MOST_SENDS || bytes > MOST_BYTES)) break;
    batch.push(...owed);
    taken += 1;
  }
  outbox.splice(0, taken);
  return batch;
}
