import { rowInserter, rowReader, rowUpdater } from '@im/common/database/rows.ts';

/** The last version that a service appended to a conversation. */
export interface AppendPositionTable {
  partition_id: number;
  conversation_id: string;
  source: string;
  version: number;
}

/** By partition, conversation and source. */
export const readAppendPositions = rowReader<AppendPositionTable>('append_position', [
  'partition_id',
  'conversation_id',
  'source',
]);

export const insertAppendPositions = rowInserter<AppendPositionTable>('append_position', [
  'partition_id',
  'conversation_id',
  'source',
  'version',
]);

export const updateAppendPositions = rowUpdater<AppendPositionTable>(
  'append_position',
  ['partition_id', 'conversation_id', 'source'],
  ['version'],
);
