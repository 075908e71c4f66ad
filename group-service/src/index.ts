import { groupModule } from './module.ts';

/** Groups, their members, roles, join rules and mutes. */
export const groupService = groupModule();
