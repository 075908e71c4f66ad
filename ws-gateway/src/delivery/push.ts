import { create } from '@bufbuild/protobuf';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import { ServerFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import { withoutContent } from '@im/common/utils/without-content.ts';
import { type SharedFrame, sharedFrame } from '../codec/shared-frame.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import type { ServerFrameInit } from '../frames/answer.ts';

/** Pushes kept for a socket that waits for its welcome; more end in a resync. */
const MOST_HELD = 200;

/** A frame for any number of sockets. */
export function pushFrame(frame: ServerFrameInit): SharedFrame {
  return sharedFrame(create(ServerFrameSchema, { frame }));
}

/** The frame that shows one event. */
export function eventFrame(event: Event): SharedFrame {
  return pushFrame({ case: 'events', value: { events: [event] } });
}

/** Gives what shows an event to all sockets of a user, with or without its content. */
export function showingEvent(
  context: GatewayContext,
  event: Event,
): (uid: string, withContent: boolean) => void {
  const whole = eventFrame(event);
  let blind: SharedFrame | undefined;
  return (uid, withContent) => {
    if (!withContent) blind ??= eventFrame(withoutContent(event));
    const frame = withContent ? whole : blind!;
    for (const connection of context.connections.ofUser(uid)) push(context, connection, frame);
  };
}

/** Sends a push to a socket, after its welcome. */
export function push(context: GatewayContext, connection: Connection, frame: SharedFrame): void {
  if (connection.state === 'open') {
    context.writer.add(connection, frame.bytesFor(connection.codec), 'push');
  } else if (connection.state === 'signingIn') {
    if (connection.held.length < MOST_HELD) connection.held.push(frame);
    else connection.heldTooMany = true;
  }
}

/** Sends what came before the welcome. */
export function pushHeld(context: GatewayContext, connection: Connection): void {
  const held = connection.held;
  connection.held = [];
  for (const frame of held) push(context, connection, frame);
  if (connection.heldTooMany) context.resyncs.owe(connection);
  connection.heldTooMany = false;
}
