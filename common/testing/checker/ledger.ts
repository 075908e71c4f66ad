import { eventOf } from '../client/conversation-copy.ts';
import type { WireEvent } from '../client/wire.ts';
import { type EntitledSpans, entitledSpans } from './entitled-spans.ts';
import { type FinalLog, finalLog } from './final-log.ts';
import type { Answered, HistoryEntry, Invoked, Refused, State } from './history.ts';

/** An entry with its place in the history. */
export type At<Entry> = { readonly at: number; readonly entry: Entry };

/** Everything that was asked under one name: (conversation, sender, clientMsgId). */
export interface NamedOperation {
  readonly conversationId: string;
  readonly uid: string;
  readonly clientMsgId: string;
  readonly invocations: readonly At<Invoked>[];
  readonly answers: readonly At<Answered>[];
  readonly refusals: readonly At<Refused>[];
}

/** An event as it reached someone before the end. */
export interface Sighting {
  readonly device: string;
  readonly uid: string;
  readonly by: string;
  readonly event: WireEvent;
}

/** A history, opened at the pages that the checks look at. */
export interface Ledger {
  readonly entries: readonly HistoryEntry[];
  readonly operations: readonly NamedOperation[];
  operation(conversationId: string, uid: string, clientMsgId: string): NamedOperation | undefined;
  readonly sightings: readonly Sighting[];
  readonly states: readonly State[];
  readonly logs: ReadonlyMap<string, FinalLog>;
  /** An empty one for a conversation that nobody read. */
  log(conversationId: string): FinalLog;
  readonly spans: EntitledSpans;
}

export function openLedger(entries: readonly HistoryEntry[]): Ledger {
  const spans = entitledSpans(entries);
  const states = entries.filter((entry) => entry.entry === 'state');
  const operations = new Map<string, ReturnType<typeof emptyOperation>>();
  entries.forEach((entry, at) => {
    if (entry.entry !== 'invoked' && entry.entry !== 'answered' && entry.entry !== 'refused') return;
    if (entry.request.kind === 'markRead') return;
    const { conversationId, clientMsgId } = entry.request.body;
    const name = nameOf(conversationId, entry.uid, clientMsgId);
    const operation = operations.get(name) ?? emptyOperation(conversationId, entry.uid, clientMsgId);
    operations.set(name, operation);
    if (entry.entry === 'invoked') operation.invocations.push({ at, entry });
    else if (entry.entry === 'answered') operation.answers.push({ at, entry });
    else operation.refusals.push({ at, entry });
  });
  const readByRange = states.filter(
    (state) => state.of === 'history' && spans(state.conversationId, state.uid).length > 0,
  );
  const logs = new Map(
    [...Map.groupBy(readByRange, (state) => state.conversationId)].map(([id, own]) => [
      id,
      finalLog(id, own),
    ]),
  );
  return {
    entries,
    operations: [...operations.values()],
    operation: (...name) => operations.get(nameOf(...name)),
    sightings: entries.flatMap(sightingOf),
    states,
    logs,
    log: (conversationId) => logs.get(conversationId) ?? finalLog(conversationId, []),
    spans,
  };
}

function emptyOperation(conversationId: string, uid: string, clientMsgId: string) {
  return {
    conversationId,
    uid,
    clientMsgId,
    invocations: [] as At<Invoked>[],
    answers: [] as At<Answered>[],
    refusals: [] as At<Refused>[],
  };
}

const nameOf = (conversationId: string, uid: string, clientMsgId: string) =>
  `${conversationId} ${uid} ${clientMsgId}`;

function sightingOf(entry: HistoryEntry): Sighting[] {
  if (entry.entry === 'saw') return [entry];
  if (entry.entry !== 'answered' || !('message' in entry.answer)) return [];
  const { device, uid } = entry;
  return [{ device, uid, by: 'answer', event: eventOf(entry.answer.message) }];
}
