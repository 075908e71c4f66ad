import type { LogRecord } from '../lane/log-record.ts';
import { requireKnown } from './access.ts';
import { requireTarget } from './target.ts';

const HIDE_BYTES = 100;

export interface HideMessage {
  readonly conversationId: string;
  readonly uid: string;
  readonly seq: number;
}

/** Hides a message on all devices of one user. A second time changes nothing. */
export function hideMessageRecord({ conversationId, uid, seq }: HideMessage): LogRecord<void> {
  return {
    conversationId,
    size: HIDE_BYTES,
    needs: { seqs: [seq], hidden: { uid, seq } },
    apply(batch) {
      const { draft, member } = requireKnown(batch, conversationId, uid);
      requireTarget(batch, conversationId, seq, member);
      if (batch.isHidden(conversationId, uid, seq)) return;
      const changeNo = batch.nextChangeNo(draft);
      batch.addHidden(draft, uid, seq, changeNo);
      // The conversation's last message may be another one for this user now.
      draft.updateMember(uid, { change_no: changeNo });
      draft.row.cache_no = changeNo;
      draft.markRowChanged();
      batch.publish(draft, changeNo, [uid], { case: 'hidden', value: { uid, seq } });
    },
  };
}
