import type { Person } from '../targets/target.ts';
import { type Percentiles, percentiles } from './latencies.ts';
import { openSocket, openSockets } from './load-socket.ts';

export interface CatchUpSpec {
  readonly kind: 'catchUp';
  readonly socketUrls: readonly string[];
  /** The first one has missed what the others wrote. */
  readonly people: readonly Person[];
  readonly messagesEach: number;
  readonly rounds: number;
}

export interface CatchUpResult {
  readonly events: number;
  readonly trips: number;
  readonly sync: Percentiles;
}

/** How long one device takes to have everything it missed. */
export async function runCatchUpLoad(
  spec: CatchUpSpec,
  mark: (name: 'open' | 'close') => Promise<void>,
): Promise<CatchUpResult> {
  const [reader, ...writers] = spec.people as [Person, ...Person[]];
  const sockets = await openSockets(spec.socketUrls, writers);
  const conversationId = `u:${reader.uid}`;
  await Promise.all(
    sockets.map(async (socket) => {
      for (let i = 0; i < spec.messagesEach; i += 1) {
        const content = { text: { text: `message ${i} of those that were missed while away` } };
        await socket.request({ sendMessage: { conversationId, clientMsgId: `missed-${i}`, content } });
      }
      socket.close();
    }),
  );
  const device = await openSocket(spec.socketUrls[0]!, reader);
  const times: number[] = [];
  let events = 0;
  let trips = 0;
  await mark('open');
  for (let round = 0; round < spec.rounds; round += 1) {
    const startedAt = performance.now();
    events = 0;
    trips = 0;
    for (let cursor: string | undefined, more = true; more; ) {
      const { sync } = await device.request({ sync: cursor === undefined ? {} : { cursor } });
      events += sync.conversations.reduce((sum: number, each: { events: [] }) => sum + each.events.length, 0);
      trips += 1;
      ({ cursor, more } = sync);
    }
    times.push(performance.now() - startedAt);
  }
  await mark('close');
  device.close();
  return { events, trips, sync: percentiles(times) };
}
