import { ImError } from '@im/common/errors/im-error.ts';
import { letOut, takeIn } from '../connection/backlog.ts';
import { closeConnection } from '../connection/close.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import { CLOSE } from '../domain/close-codes.ts';
import { takeFrame } from '../domain/frame-rate.ts';
import { answerError, type FrameRef } from './answer.ts';
import { dispatch } from './dispatch.ts';

/** Takes a data frame from a socket. */
export function receive(
  context: GatewayContext,
  connection: Connection,
  payload: Buffer,
  isBinary: boolean,
): void {
  if (connection.state === 'closed') return;
  context.metrics.frameIn();
  if (!noteFrame(context, connection)) return;
  if (isBinary !== connection.codec.binary) {
    return closeConnection(context, connection, CLOSE.badFrame, `${isBinary ? 'binary' : 'text'} frame`);
  }
  if (connection.state === 'signingIn') {
    takeIn(connection, payload.length);
    connection.early.push(payload);
    return;
  }
  handle(context, connection, payload);
}

/** Handles what came between hello and welcome, in order. */
export function receiveEarly(context: GatewayContext, connection: Connection): void {
  const early = connection.early;
  connection.early = [];
  for (const payload of early) {
    letOut(connection, payload.length);
    handle(context, connection, payload);
  }
}

/** Counts a frame of any kind, control frames included; false when it was one too many. */
export function noteFrame(context: GatewayContext, connection: Connection): boolean {
  if (connection.state === 'closed') return false;
  const now = context.clock();
  connection.heardAt = now;
  const { framesPerSecond, frameBurst } = context.config;
  if (takeFrame(connection.rate, { perSecond: framesPerSecond, burst: frameBurst }, now)) return true;
  closeConnection(context, connection, CLOSE.tooManyFrames, 'too many frames');
  return false;
}

function handle(context: GatewayContext, connection: Connection, payload: Buffer): void {
  if (connection.state === 'closed') return;
  const parsed = connection.codec.parse(payload);
  if (parsed.kind === 'unreadable') {
    return closeConnection(context, connection, CLOSE.badFrame, parsed.why);
  }
  connection.frameCount += 1;
  const ref: FrameRef = {
    id: parsed.kind === 'frame' ? parsed.frame.id : parsed.id,
    requestId: `${connection.id}-${connection.frameCount}`,
    bytes: payload.length,
    at: context.clock(),
  };
  const asked = parsed.kind === 'frame' ? parsed.frame.frame.case : parsed.asked;
  if (connection.state === 'new' && asked !== 'hello') {
    answerError(context, connection, ref, new ImError('HELLO_FIRST', 'the first frame must be hello'));
    return closeConnection(context, connection, CLOSE.notSignedIn, 'hello must come first');
  }
  if (parsed.kind === 'refused') return answerError(context, connection, ref, parsed.error);
  dispatch(context, connection, ref, parsed.frame);
}
