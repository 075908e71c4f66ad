import type { Migrations } from '@im/common/database/database.ts';
import { conversationLog } from './0001-conversation-log.ts';

export const migrations: Migrations = { '0001-conversation-log': conversationLog };
