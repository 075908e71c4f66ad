import type { SendItem } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { ErrorBody } from '@im/common/gen/im/errors/v1/errors_pb.ts';
import type { TraceContext } from '@im/common/telemetry/traces.ts';
import type { OrderedSend, SendOrder } from '../domain/send-order.ts';
import type { SendStream } from './send-stream.ts';

/** A message, edit or recall on its way to chat-service. */
export interface Send extends OrderedSend {
  /** Names it on the stream. */
  readonly itemId: number;
  /** The group it goes with; 0 while it waits. */
  groupId: number;
  /** The one it really has; decides where the send goes. */
  readonly conversationId: string;
  readonly uid: string;
  readonly sessionId: string;
  readonly requestId: string;
  /** Of its frame; undefined where nothing is traced. */
  readonly trace: TraceContext | undefined;
  readonly request: SendItem['request'];
  /** Size of the client's frame. */
  readonly bytes: number;
  /** On the monotonic clock, in milliseconds. */
  readonly deadlineAt: number;
  readonly order: SendOrder<Send>;
  /** When it was last written to the stream; undefined before. */
  writtenAt: number | undefined;
  /** False once it has been answered. */
  isOwed: boolean;
  /** Where it was submitted to; undefined while it waits. */
  stream: SendStream | undefined;
  readonly answer: (outcome: SendOutcome) => void;
}

export type SendOutcome =
  | { readonly kind: 'stored'; readonly message: Message }
  | { readonly kind: 'refused'; readonly error: ErrorBody };
