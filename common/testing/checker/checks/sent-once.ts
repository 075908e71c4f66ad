import type { EditBody } from '../../client/wire.ts';
import type { FinalLog } from '../final-log.ts';
import type { Refused } from '../history.ts';
import type { Ledger, NamedOperation } from '../ledger.ts';
import { holds } from '../message-states.ts';
import type { Violation } from '../violation.ts';

/** Whose messages nobody in the history sent: the system's. */
const SYSTEM_UID = '0';

/** How those are refused who are out of a group. */
const MEMBERS_ONLY = new Set(['NOT_A_MEMBER', 'CONVERSATION_NOT_FOUND']);

/** P3: each (conversation, sender, clientMsgId) exactly once, and one answer to all its repeats. */
export function sentOnce(ledger: Ledger): Violation[] {
  const texts = [
    ...ledger.operations.flatMap((operation) => [
      ...storedTwice(ledger, operation),
      ...answeredDifferently(operation),
      ...operation.refusals.flatMap(({ at, entry }) => refusedButStored(ledger, operation, at, entry)),
    ]),
    ...[...ledger.logs.values()].flatMap((log) => [
      ...sentByNobody(ledger, log),
      ...tooManyChanges(ledger, log),
    ]),
  ];
  return texts.map((text) => ({ promise: 'P3', text }));
}

function storedTwice(ledger: Ledger, { conversationId, uid, clientMsgId }: NamedOperation): string[] {
  const seqs = ledger
    .log(conversationId)
    .named(uid, clientMsgId)
    .map((message) => `#${message.seq}`);
  return seqs.length > 1
    ? [`${clientMsgId} stands ${seqs.length} times in ${conversationId}: ${seqs.join(', ')}`]
    : [];
}

function answeredDifferently({ conversationId, clientMsgId, answers }: NamedOperation): string[] {
  const seqs = new Set<number>();
  const requests: unknown[] = [];
  for (const { entry } of answers) {
    if ('message' in entry.answer) seqs.add(entry.answer.message.seq);
    if (!requests.some((request) => sameRequest(request, entry.request))) requests.push(entry.request);
  }
  const name = `${clientMsgId} in ${conversationId}`;
  return [
    ...(seqs.size > 1 ? [`${name} was answered with different seqs: ${[...seqs].join(', ')}`] : []),
    ...(requests.length > 1
      ? [`${name} was accepted for different requests: ${JSON.stringify(requests)}`]
      : []),
  ];
}

function refusedButStored(ledger: Ledger, operation: NamedOperation, at: number, refused: Refused): string[] {
  const { request, reason, device } = refused;
  const { conversationId, clientMsgId, uid } = operation;
  // Asked again later: the refusal says nothing about that.
  if (operation.invocations.some((later) => later.at > at)) return [];
  const others = operation.invocations.filter(({ entry }) => !sameRequest(entry.request, request));
  // Out of the group when it was refused, in again when another one under way with it was taken.
  const inGroup = conversationId.startsWith('g:');
  if (inGroup && MEMBERS_ONLY.has(reason) && refusedBeforeTaken(operation, at, device)) return [];
  const wasAnswered = operation.answers.some(({ entry }) => sameRequest(entry.request, request));
  const stored =
    request.kind === 'sendMessage' && ledger.log(conversationId).named(uid, clientMsgId).length > 0;
  if (!wasAnswered && !(stored && others.length === 0)) return [];
  return [
    `${device} was refused ${request.kind} ${clientMsgId} in ${conversationId} with ${reason}, and it is done all the same`,
  ];
}

/** Whether a request may have been refused before another of the same name was taken: answers to two devices may pass one another. */
function refusedBeforeTaken({ invocations, answers }: NamedOperation, at: number, device: string): boolean {
  const taken = answers[0];
  if (taken === undefined) return false;
  const asked = invocations.findLast((each) => each.at < at && each.entry.device === device);
  const passed = taken.entry.device !== device && asked !== undefined && asked.at < taken.at;
  return at < taken.at || passed;
}

function sentByNobody(ledger: Ledger, log: FinalLog): string[] {
  return log.messages
    .filter(({ senderUid }) => senderUid !== SYSTEM_UID)
    .filter(({ senderUid, clientMsgId }) => {
      const operation = ledger.operation(log.conversationId, senderUid, clientMsgId);
      return !operation?.invocations.some(({ entry }) => entry.request.kind === 'sendMessage');
    })
    .map(({ seq, clientMsgId }) => `${log.conversationId} #${seq} (${clientMsgId}) was sent by nobody`);
}

/** Edits and recalls carry no name in the log: they are counted. */
function tooManyChanges(ledger: Ledger, log: FinalLog): string[] {
  const edits = Map.groupBy(
    ledger.operations.filter((operation) => operation.conversationId === log.conversationId),
    (operation) => editOf(operation)?.seq,
  );
  return log.messages.flatMap(({ seq }) => {
    const changes = log.changesOf(seq);
    const recalls = changes.filter((change) => change.recalled).length;
    const edited = changes.flatMap((change) => change.edited ?? []);
    const asked = edits.get(seq) ?? [];
    const answered = asked.filter((operation) => operation.answers.length > 0).length;
    const where = `${log.conversationId} #${seq}`;
    const times = `${where} is edited ${edited.length} times`;
    return [
      ...(recalls > 1 ? [`${where} is recalled ${recalls} times`] : []),
      ...(edited.length > asked.length ? [`${times}, ${asked.length} edits were asked for`] : []),
      ...(edited.length < answered ? [`${times}, ${answered} edits were answered`] : []),
      ...repeatedEdits(
        asked.map((operation) => editOf(operation)?.content),
        edited.flatMap((change) => change.content ?? []),
      ).map((text) => `${where} is edited to ${text} more often than asked for`),
    ];
  });
}

function editOf({ invocations }: NamedOperation): EditBody | undefined {
  const request = invocations[0]?.entry.request;
  return request?.kind === 'editMessage' ? request.body : undefined;
}

function repeatedEdits(asked: readonly unknown[], edited: readonly unknown[]): string[] {
  const times = Map.groupBy(edited, (content) => JSON.stringify(content));
  return [...times]
    .filter(([, same]) => same.length > asked.filter((content) => holds(same[0], content)).length)
    .map(([text]) => text);
}

const sameRequest = (one: unknown, other: unknown) => holds(one, other) && holds(other, one);
