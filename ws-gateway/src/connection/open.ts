import { randomToken } from '@im/common/utils/random-id.ts';
import type { GatewayContext } from '../context.ts';
import { newFrameRate } from '../domain/frame-rate.ts';
import { nextPingAt } from '../domain/silence.ts';
import { mustReadFirst } from '../domain/slow-socket.ts';
import type { Connection } from './connection.ts';
import { createRequestSlots } from './request-slots.ts';

/** Bytes of randomness of a connection id. */
const ID_BYTES = 12;

/** The record of a socket that has just been upgraded. */
export function openConnection(
  context: GatewayContext,
  parts: Pick<Connection, 'ws' | 'socket' | 'codec' | 'address'>,
): Connection {
  const { clock, config } = context;
  const { framesPerSecond, frameBurst, heartbeatSeconds, requestsPerSocket, sendBufferBytes } = config;
  const now = clock();
  const mayStart = () =>
    !mustReadFirst(
      { bytes: parts.socket.writableLength, answerBytes: connection.answerBytes },
      sendBufferBytes,
    );
  const connection: Connection = {
    ...parts,
    id: randomToken(ID_BYTES),
    state: 'new',
    user: undefined,
    located: undefined,
    early: [],
    held: [],
    heldTooMany: false,
    heardAt: now,
    pingAt: nextPingAt(heartbeatSeconds, now, Math.random()),
    rate: newFrameRate({ perSecond: framesPerSecond, burst: frameBurst }, now),
    typing: new Map(),
    unwritten: undefined,
    answerBytes: 0,
    owedFrames: 0,
    owedBytes: 0,
    requests: createRequestSlots(requestsPerSocket, mayStart),
    syncs: createRequestSlots(1, mayStart),
    sends: new Map(),
    frameCount: 0,
    closedWith: undefined,
    timer: undefined,
  };
  context.sockets.add(connection);
  return connection;
}
