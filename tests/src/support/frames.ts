import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type { ServerFrame, WireEvent } from '@im/common/testing/client/wire.ts';

/** The events that a socket was pushed, in the order they came. */
export function pushedEvents(socket: ImSocket): WireEvent[] {
  return socket.pushes.flatMap((frame) => frame.events?.events ?? []);
}

/** The first pushed event that `predicate` accepts. */
export async function pushedEvent(
  socket: ImSocket,
  predicate: (event: WireEvent) => boolean,
): Promise<WireEvent> {
  const frame = await socket.waitFor((each) => each.events?.events.some(predicate) === true);
  return frame.events!.events.find(predicate)!;
}

/** The first push of a kind, such as `readMark`, that `predicate` accepts. */
export async function pushed<K extends keyof ServerFrame>(
  socket: ImSocket,
  kind: K,
  predicate: (value: NonNullable<ServerFrame[K]>) => boolean = () => true,
): Promise<NonNullable<ServerFrame[K]>> {
  const matches = (frame: ServerFrame) =>
    frame[kind] !== undefined && predicate(frame[kind] as NonNullable<ServerFrame[K]>);
  return (await socket.waitFor(matches))[kind] as NonNullable<ServerFrame[K]>;
}
