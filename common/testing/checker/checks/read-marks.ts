import type { Answered } from '../history.ts';
import type { Ledger } from '../ledger.ts';
import type { Violation } from '../violation.ts';

/** P1 for read marks: one that was answered is never lost or taken back, and none moves by itself. */
export function readMarks(ledger: Ledger): Violation[] {
  const ends = new Map<string, number>();
  for (const { conversationId, uid, summary } of ledger.states) {
    const name = `${conversationId} ${uid}`;
    if (summary) ends.set(name, Math.max(ends.get(name) ?? 0, summary.readSeq));
  }
  const asked = new Map<string, number>();
  const raise = (name: string, seq: number) => asked.set(name, Math.max(asked.get(name) ?? 0, seq));
  for (const entry of ledger.entries) {
    if (entry.entry !== 'invoked' || entry.request.kind !== 'markRead') continue;
    raise(`${entry.request.body.conversationId} ${entry.uid}`, entry.request.body.seq);
  }
  // What one has written oneself is read.
  for (const log of ledger.logs.values()) {
    for (const { senderUid, seq } of log.messages) raise(`${log.conversationId} ${senderUid}`, seq);
  }
  const moved = [...ends]
    .filter(([name, seq]) => seq > (asked.get(name) ?? 0))
    .map(([name, seq]) => `${name} has read up to #${seq} in the end, and never said so`);
  const lost = ledger.entries.flatMap((entry) => (entry.entry === 'answered' ? lostMark(ends, entry) : []));
  return [...moved, ...lost].map((text) => ({ promise: 'P1', text }));
}

function lostMark(ends: ReadonlyMap<string, number>, { device, uid, request, answer }: Answered): string[] {
  if (!('readSeq' in answer)) return [];
  const { conversationId } = request.body;
  const end = ends.get(`${conversationId} ${uid}`);
  if (end === undefined || end >= answer.readSeq) return [];
  return [
    `${device} was answered that ${conversationId} is read up to #${answer.readSeq}; in the end it is up to #${end}`,
  ];
}
