import { visibleHead } from '../domain/spans.ts';
import type { LogRecord } from '../lane/log-record.ts';
import type { MemberTable } from '../store/member.ts';
import { requireKnown } from './access.ts';

const SETTINGS_BYTES = 200;

export interface SettingsChange {
  readonly conversationId: string;
  readonly uid: string;
  readonly muted?: boolean;
  readonly pinned?: boolean;
  readonly hidden?: boolean;
  readonly draft?: string;
  /** Clears up to here for oneself; never goes back. */
  readonly clearedSeq?: number;
}

/** Changes one's own settings of a conversation. */
export function conversationSettingsRecord(change: SettingsChange): LogRecord<void> {
  const { conversationId, uid, clearedSeq } = change;
  return {
    conversationId,
    size: SETTINGS_BYTES + (change.draft?.length ?? 0) * 2,
    needs: { seqs: clearedSeq ? [clearedSeq] : [] },
    apply(batch) {
      const { draft, member } = requireKnown(batch, conversationId, uid);
      const changes: Partial<MemberTable> = {};
      if (change.muted !== undefined) changes.muted = Number(change.muted);
      if (change.pinned !== undefined) changes.pinned = Number(change.pinned);
      if (change.hidden !== undefined) changes.hidden = Number(change.hidden);
      if (change.draft !== undefined) changes.draft = change.draft;
      if (clearedSeq !== undefined) {
        const head = visibleHead(draft.row, member.spans)!;
        const cleared = Math.min(clearedSeq, head.headSeq);
        if (cleared > member.row.cleared_seq) {
          changes.cleared_seq = cleared;
          changes.cleared_count =
            cleared === head.headSeq ? head.headCount : batch.event(conversationId, cleared)!.count;
        }
      }
      const differs = Object.entries(changes).some(
        ([name, value]) => member.row[name as keyof MemberTable] !== value,
      );
      if (!differs) return;
      const changeNo = batch.nextChangeNo(draft);
      draft.updateMember(uid, { ...changes, change_no: changeNo });
      draft.row.cache_no = changeNo;
      draft.markRowChanged();
      if (changes.cleared_seq !== undefined) batch.audienceChanged(draft, changeNo);
      batch.publish(draft, changeNo, [uid], { case: 'ownState', value: { uid } });
    },
  };
}
