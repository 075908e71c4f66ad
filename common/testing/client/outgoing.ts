import { ApiError, ConnectionLost } from './api-error.ts';
import type { EditBody, RecallBody, SendBody, WireMessage } from './wire.ts';

/** Milliseconds before what was refused for a moment's reason is sent again. */
const RESEND_AFTER_MS = 50;

/** What is named by a clientMsgId, so that sending it twice is harmless. */
export type OutgoingRequest =
  | { kind: 'sendMessage'; body: SendBody }
  | { kind: 'editMessage'; body: EditBody }
  | { kind: 'recallMessage'; body: RecallBody };

/** Sends that are not acknowledged yet. They outlive the connection. */
export interface Outgoing {
  /** Resolves with the message once it is acknowledged, however many connections that takes. */
  send(request: OutgoingRequest): Promise<WireMessage>;
  /** Sends all that waits over `transmit`, in order; undefined: there is no connection now. */
  connect(transmit: ((request: OutgoingRequest) => Promise<WireMessage>) | undefined): void;
  readonly unacked: number;
  /** Gives up: everything that waits fails with `error`. */
  fail(error: Error): void;
}

interface Item {
  request: OutgoingRequest;
  inFlight: boolean;
  resolve(message: WireMessage): void;
  reject(error: unknown): void;
}

interface Lane {
  items: Item[];
  /** One of the lane was refused for the moment: nothing goes out until all in flight are answered. */
  refused: boolean;
}

/** An empty list of sends. */
export function createOutgoing(): Outgoing {
  const lanes = new Map<string, Lane>();
  let transmit: ((request: OutgoingRequest) => Promise<WireMessage>) | undefined;

  function pump(lane: Lane): void {
    if (!transmit || lane.refused) return;
    for (const item of lane.items) if (!item.inFlight) void attempt(lane, item, transmit);
  }

  async function attempt(lane: Lane, item: Item, over: NonNullable<typeof transmit>): Promise<void> {
    item.inFlight = true;
    try {
      const message = await over(item.request);
      lane.items.splice(lane.items.indexOf(item), 1);
      item.resolve(message);
    } catch (error) {
      item.inFlight = false;
      if (error instanceof ApiError && error.momentary) lane.refused = true;
      else if (!(error instanceof ConnectionLost)) {
        lane.items.splice(lane.items.indexOf(item), 1);
        item.reject(error);
      }
    }
    if (lane.refused && !lane.items.some((waiting) => waiting.inFlight)) {
      setTimeout(() => {
        lane.refused = false;
        pump(lane);
      }, RESEND_AFTER_MS);
    }
  }

  return {
    send(request) {
      const { conversationId } = request.body;
      const lane = lanes.get(conversationId) ?? { items: [], refused: false };
      lanes.set(conversationId, lane);
      return new Promise((resolve, reject) => {
        lane.items.push({ request, inFlight: false, resolve, reject });
        pump(lane);
      });
    },
    connect(over) {
      transmit = over;
      for (const lane of lanes.values()) pump(lane);
    },
    get unacked() {
      return [...lanes.values()].reduce((sum, lane) => sum + lane.items.length, 0);
    },
    fail(error) {
      transmit = undefined;
      for (const lane of lanes.values()) for (const item of lane.items.splice(0)) item.reject(error);
    },
  };
}
