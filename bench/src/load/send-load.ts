import type { Person } from '../targets/target.ts';
import { type Percentiles, percentiles } from './latencies.ts';
import { AGAIN_MS, type Frame, type LoadSocket, openSockets, Refused } from './load-socket.ts';
import { createWindow } from './window.ts';

export interface SendSpec {
  readonly kind: 'send';
  readonly socketUrls: readonly string[];
  readonly people: readonly Person[];
  /** Who writes to which conversation: indexes of people. */
  readonly senders: readonly { readonly person: number; readonly conversationId: string }[];
  /** Messages of one sender on their way at a time. */
  readonly inFlight: number;
  readonly seconds: number;
}

export interface SendResult {
  readonly messages: number;
  /** Answers that said to send again. */
  readonly refusals: number;
  readonly deliveries: number;
  readonly seconds: number;
  readonly ack: Percentiles;
  readonly delivery: Percentiles;
}

/** Every sender keeps so many messages on their way; everybody counts what reaches them. */
export async function runSendLoad(
  spec: SendSpec,
  mark: (name: 'open' | 'close') => Promise<void>,
): Promise<SendResult> {
  const sockets = await openSockets(spec.socketUrls, spec.people);
  const window = createWindow(spec.seconds, mark);
  const acks: number[] = [];
  const arrivals: number[] = [];
  let messages = 0;
  let deliveries = 0;
  let refusals = 0;
  for (const socket of sockets) {
    socket.onEvent((event) => {
      if (!window.open || !event.message || event.message.senderUid === socket.uid) return;
      deliveries += 1;
      arrivals.push(performance.now() - Number(event.message.content.text.text.split(' ')[0]));
    });
  }

  async function send(socket: LoadSocket, frame: Frame): Promise<void> {
    for (;;) {
      try {
        await socket.request(frame);
        return;
      } catch (error) {
        if (!(error instanceof Refused && error.isPassing)) throw error;
        if (window.open) refusals += 1;
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      }
    }
  }

  async function sendOn(socket: LoadSocket, conversationId: string, lane: string): Promise<void> {
    for (let i = 0; !window.over; i += 1) {
      const sentAt = performance.now();
      const content = { text: { text: `${sentAt} the quick brown fox jumps over the lazy dog` } };
      await send(socket, { sendMessage: { conversationId, clientMsgId: `${lane}-${i}`, content } });
      if (!window.open) continue;
      messages += 1;
      acks.push(performance.now() - sentAt);
    }
  }
  const run = `${Date.now()}`;
  const lanes = spec.senders.flatMap(({ person, conversationId }) =>
    Array.from({ length: spec.inFlight }, (_, lane) =>
      sendOn(sockets[person]!, conversationId, `${run}-${lane}`),
    ),
  );
  await window.run(Promise.all(lanes));
  for (const socket of sockets) socket.close();
  return {
    messages,
    refusals,
    deliveries,
    seconds: window.seconds,
    ack: percentiles(acks),
    delivery: percentiles(arrivals),
  };
}
