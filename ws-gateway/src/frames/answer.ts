import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { toErrorBody } from '@im/common/errors/error-body.ts';
import { isUnexpected } from '@im/common/errors/normalize-error.ts';
import { ServerFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import { wireFrame } from '../codec/wire-frame.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';

export type ServerFrameInit = NonNullable<MessageInitShape<typeof ServerFrameSchema>['frame']>;

/** Sends a frame to one socket; `replyTo` is the id of the client's frame that it answers. */
export function answer(
  context: GatewayContext,
  connection: Connection,
  replyTo: string | undefined,
  frame: ServerFrameInit,
): void {
  if (connection.state === 'closed') return;
  const payload = connection.codec.encode(create(ServerFrameSchema, { replyTo, frame }));
  context.writer.add(connection, wireFrame(payload), replyTo === undefined ? 'push' : 'answer');
}

/** Answers with an error; what was not meant to be seen goes to the log only. */
export function answerError(
  context: GatewayContext,
  connection: Connection,
  { id, requestId }: FrameRef,
  error: unknown,
): void {
  if (isUnexpected(error)) context.log.error({ err: error, requestId }, 'a frame could not be answered');
  answer(context, connection, id, { case: 'error', value: toErrorBody(error, requestId) });
}

/** A frame of the client, as what is done for it refers to it. */
export interface FrameRef {
  /** Chosen by the client; the answer carries it. */
  readonly id: string;
  /** Ours, for logs and errors. */
  readonly requestId: string;
  /** Size of the frame. */
  readonly bytes: number;
  /** When it came, on the monotonic clock in milliseconds. */
  readonly at: number;
}
