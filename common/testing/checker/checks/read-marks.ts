import type { Answered, HistoryEntry } from '../history.ts';
import type { Ledger } from '../ledger.ts';
import type { Violation } from '../violation.ts';

/** P1 for read marks: one that was answered is never lost or taken back, and none moves by itself. */
export function readMarks(ledger: Ledger): Violation[] {
  const ends = new Map<string, number>();
  for (const { conversationId, uid, summary } of ledger.states) {
    if (summary) raise(ends, `${conversationId} ${uid}`, summary.readSeq);
  }
  const texts = [
    ...movedByThemselves(ledger, ends),
    ...notTaken(ledger.entries),
    ...lost(ledger.entries, ends),
  ];
  return texts.map((text) => ({ promise: 'P1', text }));
}

function raise(map: Map<string, number>, name: string, seq: number): void {
  map.set(name, Math.max(map.get(name) ?? 0, seq));
}

function movedByThemselves(ledger: Ledger, ends: ReadonlyMap<string, number>): string[] {
  const asked = new Map<string, number>();
  for (const entry of ledger.entries) {
    if (entry.entry !== 'invoked' || entry.request.kind !== 'markRead') continue;
    raise(asked, `${entry.request.body.conversationId} ${entry.uid}`, entry.request.body.seq);
  }
  // What one has written oneself is read.
  for (const log of ledger.logs.values()) {
    for (const { senderUid, seq } of log.messages) raise(asked, `${log.conversationId} ${senderUid}`, seq);
  }
  return [...ends]
    .filter(([name, seq]) => seq > (asked.get(name) ?? 0))
    .map(([name, seq]) => `${name} has read up to #${seq} in the end, and never said so`);
}

/** A mark moves at least to what was asked for, where that was there already. */
function notTaken(entries: readonly HistoryEntry[]): string[] {
  const heads = new Map<string, number>();
  const due = new Map<string, number>();
  return entries.flatMap((entry) => {
    if (entry.entry === 'saw') raise(heads, entry.event.conversationId, entry.event.seq);
    if (entry.entry !== 'invoked' && entry.entry !== 'answered') return [];
    if (entry.request.kind !== 'markRead') return [];
    const { conversationId, seq } = entry.request.body;
    const name = `${entry.device} ${conversationId} ${seq}`;
    if (entry.entry === 'invoked') due.set(name, Math.min(seq, heads.get(conversationId) ?? 0));
    else if ('readSeq' in entry.answer && entry.answer.readSeq < (due.get(name) ?? 0)) {
      return [
        `${entry.device} read ${conversationId} up to #${seq} and was answered #${entry.answer.readSeq}`,
      ];
    }
    return [];
  });
}

function lost(entries: readonly HistoryEntry[], ends: ReadonlyMap<string, number>): string[] {
  const answers = entries.filter((entry): entry is Answered => entry.entry === 'answered');
  return answers.flatMap(({ device, uid, request, answer }) => {
    if (!('readSeq' in answer)) return [];
    const { conversationId } = request.body;
    const end = ends.get(`${conversationId} ${uid}`);
    if (end === undefined || end >= answer.readSeq) return [];
    return [
      `${device} was answered that ${conversationId} is read up to #${answer.readSeq}; in the end it is up to #${end}`,
    ];
  });
}
