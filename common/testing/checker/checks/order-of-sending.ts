import type { Ledger, NamedOperation } from '../ledger.ts';
import { uidsOf } from '../member-spans.ts';
import type { Violation } from '../violation.ts';

/** P2: what one socket sends one after another keeps that order, and what was answered comes before what is sent later. */
export function orderOfSending(ledger: Ledger): Violation[] {
  const sends = ledger.operations.flatMap((operation) => sentFrom(ledger, operation));
  const texts = [...outOfSocketOrder(ledger, sends), ...beforeAnEarlierAnswer(sends)];
  return texts.map((text) => ({ promise: 'P2', text }));
}

interface Sent {
  operation: NamedOperation;
  /** Where it stands in the end. */
  seq: number;
  invokedAt: number;
  answeredAt: number;
  /** The socket's device; undefined when it was sent over several ways at once, which races. */
  device: string | undefined;
}

function sentFrom(ledger: Ledger, operation: NamedOperation): Sent[] {
  const first = operation.invocations[0];
  const [stored] = ledger.log(operation.conversationId).named(operation.uid, operation.clientMsgId);
  if (!first || !stored || first.entry.request.kind !== 'sendMessage') return [];
  const ways = new Set(operation.invocations.map(({ entry }) => `${entry.via} ${entry.device}`));
  const alone = ways.size === 1 && first.entry.via === 'socket';
  return [
    {
      operation,
      seq: stored.seq,
      invokedAt: first.at,
      answeredAt: operation.answers[0]?.at ?? Number.POSITIVE_INFINITY,
      device: alone ? first.entry.device : undefined,
    },
  ];
}

function outOfSocketOrder(ledger: Ledger, sends: readonly Sent[]): string[] {
  const ofSockets = sends.filter((sent) => sent.device !== undefined);
  const lanes = Map.groupBy(ofSockets, (sent) => `${sent.device} ${sent.operation.conversationId}`);
  return [...lanes.values()].flatMap((lane) => {
    const inOrder = lane.toSorted((one, other) => one.invokedAt - other.invokedAt);
    return inOrder.slice(1).flatMap((sent, index) => {
      const before = inOrder[index]!;
      if (before.seq < sent.seq || mayHaveBeenRefused(ledger, before, sent)) return [];
      return [
        `${sent.device} sent ${nameOf(before)} before ${nameOf(sent)}, which stands before it in ${sent.operation.conversationId}`,
      ];
    });
  });
}

/**
 * Out of the group when the first one came to the server, its refusal lost with the connection, and in again when the
 * second one came: the first is then sent anew behind it. So it may be where they came in again, before the
 * second in the log, in an event that nobody had seen yet when the first was sent.
 */
function mayHaveBeenRefused(ledger: Ledger, { operation, invokedAt }: Sent, second: Sent): boolean {
  const { conversationId, uid } = operation;
  return [...ledger.log(conversationId).events.values()].some(
    ({ seq, memberAdded }) =>
      seq < second.seq &&
      uidsOf(memberAdded).includes(uid) &&
      firstSeenAt(ledger, conversationId, seq) > invokedAt,
  );
}

/** -1 where nobody saw it on the way. */
function firstSeenAt({ entries }: Ledger, conversationId: string, seq: number): number {
  return entries.findIndex(
    (each) => each.entry === 'saw' && each.event.conversationId === conversationId && each.event.seq === seq,
  );
}

function beforeAnEarlierAnswer(sends: readonly Sent[]): string[] {
  return [...Map.groupBy(sends, (sent) => sent.operation.conversationId)].flatMap(([conversationId, own]) => {
    const byAnswer = own.toSorted((one, other) => one.answeredAt - other.answeredAt);
    let answered = 0;
    let last: Sent | undefined;
    return own
      .toSorted((one, other) => one.invokedAt - other.invokedAt)
      .flatMap((sent) => {
        for (; (byAnswer[answered]?.answeredAt ?? sent.invokedAt) < sent.invokedAt; answered++) {
          const candidate = byAnswer[answered]!;
          if (!last || candidate.seq > last.seq) last = candidate;
        }
        if (!last || last.seq < sent.seq) return [];
        return [
          `${nameOf(sent)} was sent after ${nameOf(last)} had been answered, and stands before it in ${conversationId}`,
        ];
      });
  });
}

const nameOf = ({ operation, seq }: Sent) => `${operation.clientMsgId} (#${seq})`;
