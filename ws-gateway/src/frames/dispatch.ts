import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { type ClientFrame, ClientFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import type { FrameKind } from '../codec/codec.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import { answerError, type FrameRef } from './answer.ts';
import { hello } from './hello.ts';
import { ping } from './ping.ts';
import { renew } from './renew.ts';
import { getMessages, markRead, sync } from './request.ts';
import { editMessage, recallMessage, sendMessage } from './send.ts';
import { typing } from './typing.ts';
import { watchPresence } from './watch-presence.ts';

type ValueOf<K extends FrameKind> = Extract<ClientFrame['frame'], { case: K }>['value'];

/** Handles one kind of frame of one socket. */
export type FrameHandler<K extends FrameKind> = (
  context: GatewayContext,
  connection: Connection,
  frame: FrameRef,
  value: ValueOf<K>,
) => void;

/** Every kind of the contract; a forgotten one does not compile. */
const HANDLERS: { [K in FrameKind]: FrameHandler<K> } = {
  hello,
  renew,
  ping,
  sendMessage,
  editMessage,
  recallMessage,
  markRead,
  getMessages,
  sync,
  typing,
  watchPresence,
};

/** Kinds whose rules chat-service checks, item by item on the stream of sends: not worth doing twice. */
const CHECKED_BY_CHAT: ReadonlySet<FrameKind> = new Set(['sendMessage', 'editMessage', 'recallMessage']);

/** Checks a frame against the rules of its contract and hands it to whoever handles its kind. */
export function dispatch(
  context: GatewayContext,
  connection: Connection,
  ref: FrameRef,
  { frame }: ClientFrame,
): void {
  if (frame.case === undefined) return;
  try {
    if (!CHECKED_BY_CHAT.has(frame.case)) {
      const schema = ClientFrameSchema.field[frame.case].message as DescMessage;
      context.validate(schema, frame.value as MessageShape<DescMessage>);
    }
    const handler = HANDLERS[frame.case] as FrameHandler<FrameKind>;
    handler(context, connection, ref, frame.value);
  } catch (error) {
    answerError(context, connection, ref, error);
  }
}
