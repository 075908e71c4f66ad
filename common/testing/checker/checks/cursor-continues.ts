import type { HistoryEntry, Synced } from '../history.ts';
import type { Ledger } from '../ledger.ts';
import type { Violation } from '../violation.ts';

/** P4: the store stays the same one over restarts, and a cursor goes on exactly where it stood. */
export function cursorContinues(ledger: Ledger): Violation[] {
  const texts = [...changedEpochs(ledger.entries), ...servedAgain(ledger)];
  return texts.map((text) => ({ promise: 'P4', text }));
}

function changedEpochs(entries: readonly HistoryEntry[]): string[] {
  let known: string | undefined;
  return entries.flatMap((entry) => {
    if (entry.entry !== 'welcomed') return [];
    known ??= entry.epoch;
    return known === entry.epoch
      ? []
      : [`${entry.device} was welcomed to epoch ${entry.epoch} after ${known}`];
  });
}

/** Events that a cursor had behind it and that a later sync from it brought again. */
function servedAgain(ledger: Ledger): string[] {
  const behind = new Map<string, ReadonlyMap<string, number>>();
  return ledger.entries.flatMap((entry) => {
    if (entry.entry !== 'synced') return [];
    const before = entry.from === undefined ? undefined : behind.get(entry.from);
    // The pages of a longer run overlap: only one that is complete by itself says where its cursor stands.
    if (entry.from === undefined || before) {
      if (!entry.more) behind.set(entry.to, raised(before ?? new Map(), entry));
    }
    if (!before) return [];
    return entry.conversations.flatMap(({ conversationId, seqs }) => {
      // Who comes back to a group gets again what they may see of it.
      if (!ledger.spans(conversationId, entry.uid).some((span) => span.toSeq === Number.POSITIVE_INFINITY))
        return [];
      if (conversationId.startsWith('g:')) return [];
      const again = seqs.filter((seq) => seq <= (before.get(conversationId) ?? 0));
      if (again.length === 0) return [];
      return [`${entry.device} synced from a cursor and got ${conversationId} #${again.join(', #')} again`];
    });
  });
}

function raised(before: ReadonlyMap<string, number>, page: Synced): Map<string, number> {
  const heads = new Map(before);
  for (const { conversationId, headSeq } of page.conversations) {
    heads.set(conversationId, Math.max(heads.get(conversationId) ?? 0, headSeq));
  }
  return heads;
}
