import type { ChatConfig } from '../config.ts';

/** What of the settings records decide by. */
export type RecordSettings = Pick<ChatConfig, 'directMessages' | 'editWindowSeconds' | 'recallWindowSeconds'>;

/** The system as sender and actor. */
export const SYSTEM_UID = '0';
