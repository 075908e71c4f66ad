import type { WireMessage } from '../../client/wire.ts';
import type { FinalLog } from '../final-log.ts';
import type { Answered, Request, State } from '../history.ts';
import type { Ledger, NamedOperation } from '../ledger.ts';
import { holds, isTrueState } from '../message-states.ts';
import type { Violation } from '../violation.ts';

/** P1: whatever was answered is in the store in the end, with the seq answered and as it was asked for. */
export function ackedIsStored(ledger: Ledger): Violation[] {
  const texts = [
    ...ledger.operations.flatMap((operation) =>
      operation.answers.flatMap(({ entry }) => missingOf(ledger, operation, entry)),
    ),
    ...ledger.states.flatMap((state) => untrueMessages(ledger, state)),
  ];
  return texts.map((text) => ({ promise: 'P1', text }));
}

function missingOf(ledger: Ledger, operation: NamedOperation, answered: Answered): string[] {
  if (!('message' in answered.answer)) return [];
  const { request, answer, device } = answered;
  const { conversationId, clientMsgId } = operation;
  const log = ledger.log(conversationId);
  if (!log.wasRead) return [`nobody read ${conversationId} in the end, where ${device} got answers`];
  const { seq } = answer.message;
  const told = `${device} was answered that its ${request.kind} ${clientMsgId} is in ${conversationId} at #${seq}`;
  const stored = log.message(seq);
  if (!stored) return [`${told}; in the end no message is there`];
  const untrue = isTrueState(ledger, answer.message, operation.uid)
    ? []
    : [`${told}; the message it was answered is none that there ever was: ${JSON.stringify(answer)}`];
  const undone = undoneOf(log, operation, request, stored);
  return undone === undefined ? untrue : [`${told}; ${undone}`, ...untrue];
}

/** What of a request is not so in the end, though its message is there; nothing when all is. */
function undoneOf(
  log: FinalLog,
  { uid, clientMsgId }: NamedOperation,
  request: Request,
  stored: WireMessage,
): string | undefined {
  switch (request.kind) {
    case 'sendMessage':
      if (stored.senderUid === uid && stored.clientMsgId === clientMsgId) return undefined;
      return `in the end message ${stored.clientMsgId} of ${stored.senderUid} is there`;
    case 'editMessage':
      if (request.body.seq !== stored.seq) return `it was about #${request.body.seq}`;
      if (stored.recalledAt !== undefined || wasEdited(log, stored.seq, request.body.content))
        return undefined;
      return 'in the end that message was never edited so';
    case 'recallMessage':
      if (request.body.seq !== stored.seq) return `it was about #${request.body.seq}`;
      return stored.recalledAt === undefined ? 'in the end that message is not recalled' : undefined;
  }
}

function wasEdited(log: FinalLog, seq: number, content: unknown): boolean {
  return log.changesOf(seq).some((change) => change.edited && holds(change.edited.content, content));
}

function untrueMessages(ledger: Ledger, state: State): string[] {
  if (state.of !== 'history') return [];
  return state.messages
    .filter((message) => !isTrueState(ledger, message, state.uid, true))
    .map(
      ({ conversationId, seq, clientMsgId, content }) =>
        `${conversationId} #${seq} (${clientMsgId}) says in the end what nobody made of it: ${JSON.stringify(content)}`,
    );
}
