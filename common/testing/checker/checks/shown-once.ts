import type { Ledger } from '../ledger.ts';
import type { Violation } from '../violation.ts';

/** P5: every (conversation, seq), and so every message, stands on a screen once. */
export function shownOnce(ledger: Ledger): Violation[] {
  return ledger.entries.flatMap((entry): Violation[] => {
    if (entry.entry !== 'displayed') return [];
    const seqs = new Set<number>();
    const names = new Set<string>();
    return entry.lines.flatMap(({ seq, senderUid, clientMsgId }): Violation[] => {
      const where = `${entry.device} shows ${entry.conversationId}`;
      if (seqs.has(seq)) return [{ promise: 'P5', text: `${where} #${seq} twice` }];
      seqs.add(seq);
      if (clientMsgId === undefined) return [];
      const name = `${senderUid} ${clientMsgId}`;
      if (names.has(name))
        return [{ promise: 'P5', text: `${where} ${clientMsgId} twice, again at #${seq}` }];
      names.add(name);
      return [];
    });
  });
}
