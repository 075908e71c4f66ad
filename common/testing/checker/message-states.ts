import type { WireContent, WireMessage } from '../client/wire.ts';
import { covers } from './entitled-spans.ts';
import type { Ledger } from './ledger.ts';

/** What a message was from one seq of its conversation to the next. */
interface MessageState {
  fromSeq: number;
  recalled: boolean;
  /** A recall while this person was out of the group: who asks is told, nobody else. */
  untold?: boolean;
  /** What it may have said: more than one where a recall has erased what it was. Undefined: nobody knows. */
  contents: readonly WireContent[] | undefined;
}

/**
 * Whether a message, as someone got it, is what was sent and what edits and
 * recalls had made of it by its `asOfSeq` or later. `final`: by the end;
 * `copy`: by the end, as far as a device was told that keeps a copy.
 */
export function isTrueState(
  ledger: Ledger,
  seen: WireMessage,
  uid: string,
  final: boolean | 'copy' = false,
): boolean {
  const states = statesOf(ledger, seen, uid);
  return states.some((state, index) => {
    const next = states[index + 1];
    const told = final === true || (final === 'copy' && next?.untold !== true);
    if (next && (told || next.fromSeq <= seen.asOfSeq)) return false;
    return state.recalled ? isBlank(seen) : saysOneOf(seen, state.contents);
  });
}

/** Every state of a message in order, as one person may see it. */
function statesOf(ledger: Ledger, message: WireMessage, uid: string): MessageState[] {
  const { conversationId, seq } = message;
  const log = ledger.log(conversationId);
  const spans = ledger.spans(conversationId, uid);
  const states: MessageState[] = [{ fromSeq: seq, recalled: false, contents: sentContents(ledger, message) }];
  for (const change of log.changesOf(seq)) {
    if (change.recalled) {
      const untold = !covers(spans, change.seq);
      states.push({ fromSeq: change.seq, recalled: true, untold, contents: [] });
    } else if (covers(spans, change.seq)) {
      const { content } = change.edited ?? {};
      const contents = content ? [content] : editContents(ledger, conversationId, seq, message.senderUid);
      states.push({ fromSeq: change.seq, recalled: false, contents });
    }
  }
  return states;
}

function sentContents(ledger: Ledger, message: WireMessage): WireContent[] | undefined {
  const { conversationId, senderUid, clientMsgId } = message;
  const operation = ledger.operation(conversationId, senderUid, clientMsgId);
  const sent = operation?.invocations.flatMap(({ entry: { request } }) =>
    request.kind === 'sendMessage' ? [request.body.content] : [],
  );
  return sent && sent.length > 0 ? sent : undefined;
}

/** All that someone ever asked a message to be edited to. */
export function editContents(
  ledger: Ledger,
  conversationId: string,
  seq: number,
  uid: string,
): WireContent[] {
  return ledger.operations
    .filter((operation) => operation.conversationId === conversationId && operation.uid === uid)
    .flatMap((operation) => operation.invocations)
    .flatMap(({ entry: { request } }) =>
      request.kind === 'editMessage' && request.body.seq === seq ? [request.body.content] : [],
    );
}

function isBlank(message: WireMessage): boolean {
  return message.recalledAt !== undefined && message.content === undefined;
}

function saysOneOf(message: WireMessage, contents: readonly WireContent[] | undefined): boolean {
  if (message.recalledAt !== undefined || message.content === undefined) return false;
  return contents?.some((content) => holds(message.content, content)) ?? true;
}

/** Whether `actual` has everything that `asked` has; a server adds what was left out. */
export function holds(actual: unknown, asked: unknown): boolean {
  if (typeof asked !== 'object' || asked === null) return Object.is(actual, asked);
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(asked).every(([key, value]) =>
    holds((actual as Record<string, unknown>)[key], value),
  );
}
