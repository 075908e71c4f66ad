import { ImError } from '@im/common/errors/im-error.ts';
import type { ControlRecord } from '@im/common/gen/im/chat/v1/control_pb.ts';
import type { LogRecord } from '../lane/log-record.ts';
import { applyControl } from './control/apply-control.ts';

const CONTROL_BYTES = 1_000;

export interface Append {
  readonly conversationId: string;
  /** The service whose changes these are. */
  readonly source: string;
  /** Gapless per source and conversation. */
  readonly version: number;
  readonly records: readonly ControlRecord[];
}

/** Another service's changes, once each and in its order. Never refused by a rule of the domain. */
export function appendRecord({ conversationId, source, version, records }: Append): LogRecord<void> {
  return {
    conversationId,
    size: CONTROL_BYTES * records.length,
    needs: { appendedBy: source },
    apply(batch) {
      const known = batch.appendedVersion(conversationId, source);
      if (version <= known) return;
      if (version > known + 1) {
        throw new ImError('VERSION_GAP', 'an earlier version is missing', { expected: String(known + 1) });
      }
      const draft = batch.conversationOrNew(conversationId);
      // Moves even when every record comes to nothing, so that the version is remembered with its partition.
      batch.nextChangeNo(draft);
      for (const record of records) applyControl(batch, draft, record);
      batch.setAppendedVersion(conversationId, source, version);
    },
  };
}
