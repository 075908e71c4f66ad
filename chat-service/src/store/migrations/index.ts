import type { Migrations } from '@im/common/database/database.ts';
import { conversationLog } from './0001-conversation-log.ts';
import { largeGroups } from './0002-large-groups.ts';
import { editCount } from './0003-edit-count.ts';

export const migrations: Migrations = {
  '0001-conversation-log': conversationLog,
  '0002-large-groups': largeGroups,
  '0003-edit-count': editCount,
};
