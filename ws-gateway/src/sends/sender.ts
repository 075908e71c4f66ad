import { toErrorBody } from '@im/common/errors/error-body.ts';
import { ImError } from '@im/common/errors/im-error.ts';
import type { SendResult } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { isMomentary, type SendOrder } from '../domain/send-order.ts';
import type { Send, SendOutcome } from './send.ts';
import { createSendStreams, type SendStreamsOptions } from './send-streams.ts';

/** Sends of all sockets together that may be unanswered: some seconds of what one process can store. */
const MOST_OWED = 50_000;

/** Ids on the stream are 32 bits wide and not 0. */
const MOST_ID = 2 ** 32 - 1;

/** Takes sends, keeps their order, and sees to it that each is answered in time. */
export interface Sender {
  start(): void;
  accept(send: NewSend): void;
  /** From now on new sends are refused; resolves when none is owed an answer. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

export type NewSend = Omit<Send, 'itemId' | 'groupId' | 'writtenAt' | 'isOwed' | 'stream'>;

export function createSender(options: Omit<SendStreamsOptions, 'onResult'>): Sender {
  const { clock } = options;
  const streams = createSendStreams({ ...options, onResult });
  const owed = new Set<Send>();
  /** Orders that may have a group ready at the end of this tick. */
  const ready = new Set<SendOrder<Send>>();
  const finished = Promise.withResolvers<void>();
  let scheduled = false;
  let finishing = false;
  let expiry: NodeJS.Timeout | undefined;
  let lastItemId = 0;
  let lastGroupId = 0;

  function accept(from: NewSend): void {
    lastItemId = (lastItemId % MOST_ID) + 1;
    const send: Send = {
      ...from,
      itemId: lastItemId,
      groupId: 0,
      writtenAt: undefined,
      isOwed: true,
      stream: undefined,
    };
    if (!send.order.arrive(send, clock())) return send.answer(refusal(send, earlierRefused()));
    owed.add(send);
    if (finishing) return refuse(send, new ImError('SHUTTING_DOWN', 'the server is restarting'));
    if (owed.size > MOST_OWED)
      return refuse(send, new ImError('OVERLOADED', 'too much is waiting; try again'));
    expireLater(send);
    wait(send.order);
  }

  /** One timer for all: each has as long from the arrival of its frame, so the oldest is due first. */
  function expireLater({ deadlineAt }: Send): void {
    expiry ??= setTimeout(expireDue, Math.max(0, deadlineAt - clock()));
  }

  function expireDue(): void {
    expiry = undefined;
    const now = clock();
    for (const send of owed) {
      if (send.deadlineAt > now) return expireLater(send);
      expire(send);
    }
  }

  function onResult(send: Send, result: SendResult['result']): void {
    if (result.case === 'message') return end(send, { kind: 'stored', message: result.value });
    const error =
      result.case === 'error'
        ? result.value
        : toErrorBody(new Error('a result without content'), send.requestId);
    end(send, { kind: 'refused', error: { ...error, requestId: error.requestId || send.requestId } });
  }

  function expire(send: Send): void {
    streams.overdue(send);
    refuse(
      send,
      send.writtenAt === undefined
        ? new ImError('SERVICE_AWAY', 'messages cannot be stored at the moment')
        : new ImError('DEADLINE_PASSED', 'whether it was stored is not known: send the same id again'),
    );
  }

  function refuse(send: Send, error: ImError): void {
    end(send, refusal(send, error));
  }

  function end(send: Send, outcome: SendOutcome): void {
    const momentary = outcome.kind === 'refused' && isMomentary(outcome.error.status);
    const behind = send.order.settle(send, momentary ? 'momentary' : 'final', clock());
    answer(send, outcome);
    for (const later of behind) answer(later, refusal(later, earlierRefused()));
    wait(send.order);
  }

  function answer(send: Send, outcome: SendOutcome): void {
    streams.forget(send);
    owed.delete(send);
    send.answer(outcome);
    if (finishing && owed.size === 0) finished.resolve();
  }

  function wait(order: SendOrder<Send>): void {
    ready.add(order);
    if (scheduled) return;
    scheduled = true;
    setImmediate(submitReady);
  }

  function submitReady(): void {
    scheduled = false;
    for (const order of ready) {
      const group = order.nextGroup();
      if (group === undefined) continue;
      lastGroupId = (lastGroupId % MOST_ID) + 1;
      for (const send of group) send.groupId = lastGroupId;
      streams.submit(group);
    }
    ready.clear();
  }

  return {
    start: streams.start,
    accept,
    finish() {
      finishing = true;
      if (owed.size === 0) finished.resolve();
      return finished.promise;
    },
    async close() {
      clearTimeout(expiry);
      await streams.close();
    },
  };
}

function earlierRefused(): ImError {
  return new ImError(
    'EARLIER_SEND_REFUSED',
    'a message before it was refused for the moment: send that first',
  );
}

function refusal(send: Send, error: ImError): SendOutcome {
  return { kind: 'refused', error: toErrorBody(error, send.requestId) };
}
