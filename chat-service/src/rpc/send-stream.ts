import type { MessageInitShape } from '@bufbuild/protobuf';
import { toErrorBody } from '@im/common/errors/error-body.ts';
import { ImError, invalidField } from '@im/common/errors/im-error.ts';
import { isUnexpected } from '@im/common/errors/normalize-error.ts';
import {
  EditMessageRequestSchema,
  RecallMessageRequestSchema,
  type SendItem,
  SendMessageRequestSchema,
  type SendResultSchema,
  type SendStreamRequest,
  type SendStreamResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { spanEnd } from '@im/common/rpc/span-end.ts';
import { parseTraceparent } from '@im/common/telemetry/traceparent.ts';
import type { TraceContext, TraceSpan } from '@im/common/telemetry/traces.ts';
import { isDecimalId } from '@im/common/utils/conversation-id.ts';
import type { ChatContext } from '../context.ts';
import type { LogRecord } from '../lane/log-record.ts';
import { createSendGroup, type SendGroup } from '../lane/send-group.ts';
import { editRecordOf, recallRecordOf, sendRecordOf } from './user-records.ts';

type Result = MessageInitShape<typeof SendResultSchema>;

/** A gateway's sends: each item is answered as it commits, what a batch committed goes back in one message. */
export async function* sendStream(
  context: ChatContext,
  requests: AsyncIterable<SendStreamRequest>,
  call: CallContext,
): AsyncIterable<MessageInitShape<typeof SendStreamResponseSchema>> {
  let results: Result[] = [];
  let wake: (() => void) | undefined;
  let open = 0;
  let ended = false;
  /** A message without items asks whether anybody is there. */
  let asked = false;
  const answer = (result: Result) => {
    open -= 1;
    results.push(result);
    wake?.();
  };

  const reading = (async () => {
    try {
      for await (const { items } of requests) {
        if (items.length === 0) {
          asked = true;
          wake?.();
        }
        // A group is of one socket and one conversation, and whole in one message.
        const groups = new Map<number, SendGroup>();
        for (const item of items) {
          open += 1;
          const group = groups.get(item.groupId) ?? createSendGroup();
          groups.set(item.groupId, group);
          answerItem(context, item, group, call).then(answer);
        }
      }
    } finally {
      ended = true;
      wake?.();
    }
  })();
  // Its error ends the stream below; until then it must not count as unhandled.
  reading.catch(() => undefined);

  call.signal.addEventListener('abort', () => wake?.(), { once: true });
  while (!call.signal.aborted) {
    if (results.length > 0 || asked) {
      const ready = results;
      results = [];
      asked = false;
      yield { results: ready };
    } else if (ended && open === 0) {
      break;
    } else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  await reading;
}

/** The item's result; a failure is a result too. */
async function answerItem(
  context: ChatContext,
  item: SendItem,
  group: SendGroup,
  call: CallContext,
): Promise<Result> {
  try {
    const span = beginSpan(context, item);
    const stored = store(context, item, { group, signal: call.signal, trace: span?.context });
    const message = await (span === undefined ? stored : spanEnd(span, stored));
    return { itemId: item.itemId, result: { case: 'message', value: message } };
  } catch (error) {
    if (isUnexpected(error)) {
      const { requestId } = item;
      const traceId = parseTraceparent(item.traceparent)?.traceId;
      call.log.error({ err: error, requestId, ...(traceId && { traceId }) }, 'a send failed');
    }
    return { itemId: item.itemId, result: { case: 'error', value: toErrorBody(error, item.requestId) } };
  }
}

async function store(
  context: ChatContext,
  item: SendItem,
  options: { group: SendGroup; signal: AbortSignal; trace: TraceContext | undefined },
): Promise<Message> {
  // The gateway says who it is; "0" would be the system, which no rule binds.
  if (!isDecimalId(item.uid)) throw new ImError('ACCESS_DENIED', 'an item needs the user it is from');
  const record = recordOf(context, item);
  const deadlineAt = performance.now() + item.timeoutMs;
  return context.lanes.submit(record, { deadlineAt, ...options });
}

/** An item is to its trace what a call is. Undefined where it is in none. */
function beginSpan({ host }: ChatContext, { traceparent, requestId }: SendItem): TraceSpan | undefined {
  if (host.traces === undefined || traceparent === '') return undefined;
  const parent = parseTraceparent(traceparent);
  const attributes = { 'im.request_id': requestId };
  return parent && host.traces.begin('SendStream item', { kind: 'server', parent, attributes });
}

function recordOf(context: ChatContext, { uid, request }: SendItem): LogRecord<Message> {
  switch (request.case) {
    case 'sendMessage':
      context.validate(SendMessageRequestSchema, request.value);
      return sendRecordOf(context, request.value, uid);
    case 'editMessage':
      context.validate(EditMessageRequestSchema, request.value);
      return editRecordOf(context, request.value, uid);
    case 'recallMessage':
      context.validate(RecallMessageRequestSchema, request.value);
      return recallRecordOf(context, request.value, uid);
    default:
      throw invalidField('items.request', 'an item needs a request');
  }
}
