import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  DeliverRequest,
  DeliverResponseSchema,
  Push,
} from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { GatewayContext } from '../context.ts';
import { eventFrame, push, pushFrame } from '../delivery/push.ts';

/** Hands pushes to the sockets they are for and acknowledges each delivery by its number. */
export async function* deliver(
  context: GatewayContext,
  requests: AsyncIterable<DeliverRequest>,
  { signal }: CallContext,
): AsyncIterable<MessageInitShape<typeof DeliverResponseSchema>> {
  const senders = new Set<string>();
  let complete = false;
  try {
    for await (const { senderBootId, number, pushes } of requests) {
      senders.add(senderBootId);
      if (context.senders.take(senderBootId, number)) {
        for (const one of pushes) deliverPush(context, one);
      }
      yield { number };
    }
    // The requests end too when the call is cut off.
    complete = !signal.aborted;
  } finally {
    // A sender that ends its stream has said everything; one that breaks off may have been about to.
    if (!complete) context.senders.ended(senders);
  }
}

function deliverPush(context: GatewayContext, { connectionIds, frame }: Push): void {
  if (frame.case === undefined) return;
  if (frame.case === 'groupEvent') return context.largeGroups.push(frame.value);
  // The pace of resyncs is kept, whoever asks for them.
  if (frame.case === 'resync') {
    for (const connectionId of connectionIds) {
      const connection = context.connections.byId(connectionId);
      if (connection !== undefined) context.resyncs.owe(connection);
    }
    return;
  }
  const shared = frame.case === 'event' ? eventFrame(frame.value) : pushFrame(frame);
  for (const connectionId of connectionIds) {
    // An id that is not known here is of a socket that has just gone.
    const connection = context.connections.byId(connectionId);
    if (connection !== undefined) push(context, connection, shared);
  }
}
