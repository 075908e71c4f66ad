import type { ImClient } from '../client/http.ts';
import type { WireEvent, WireMessage, WireRange } from '../client/wire.ts';
import type { Recorder } from './recorder.ts';

/** Seqs of one range; the most that an answer holds. */
const RANGE = 200;

/** Someone who reads over HTTP; `client` speaks for them. */
export interface HistoryReader {
  /** The name to record under. */
  device: string;
  uid: string;
  client: ImClient;
}

/** Reads a conversation from its beginning to its end, range by range, and records what was read. */
export async function recordHistory(
  recorder: Recorder,
  reader: HistoryReader,
  conversationId: string,
): Promise<void> {
  const { client, device, uid } = reader;
  const messages: WireMessage[] = [];
  const events: WireEvent[] = [];
  for (let fromSeq = 1; ; ) {
    const toSeq = fromSeq + RANGE - 1;
    const path = `/v1/conversations/${conversationId}/messages?fromSeq=${fromSeq}&toSeq=${toSeq}&limit=${RANGE}`;
    const range = await client.call<WireRange>('GET', path);
    messages.push(...range.messages);
    events.push(...range.events);
    // Cut short: the end. A range that begins later has left out what is not for this reader.
    if (range.toSeq < toSeq) break;
    fromSeq = range.toSeq + 1;
  }
  recorder.record({ entry: 'state', of: 'history', device, uid, conversationId, messages, events });
}
