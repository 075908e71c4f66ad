import { covers } from '../entitled-spans.ts';
import type { HistoryEntry } from '../history.ts';
import type { Ledger } from '../ledger.ts';
import type { Violation } from '../violation.ts';

/** P4: a device that stays online holds all that was answered before, without being helped. */
export function keptUp(ledger: Ledger): Violation[] {
  const heads = new Map<string, number>();
  return ledger.entries.flatMap((entry): Violation[] => {
    raise(heads, entry);
    if (entry.entry !== 'held') return [];
    const { device, uid, conversationId } = entry;
    const spans = ledger.spans(conversationId, uid);
    const held = new Set(entry.seqs);
    const missing: number[] = [];
    for (let seq = 1; seq <= (heads.get(conversationId) ?? 0); seq++) {
      if (covers(spans, seq) && !held.has(seq)) missing.push(seq);
    }
    if (missing.length === 0) return [];
    const text = `${device} stayed online and never got ${conversationId} ${missing.map((seq) => `#${seq}`).join(', ')}`;
    return [{ promise: 'P4', text }];
  });
}

/** An answer tells of everything up to its `asOfSeq`. */
function raise(heads: Map<string, number>, entry: HistoryEntry): void {
  if (entry.entry !== 'answered' || !('message' in entry.answer)) return;
  const { conversationId, asOfSeq } = entry.answer.message;
  heads.set(conversationId, Math.max(heads.get(conversationId) ?? 0, asOfSeq));
}
