import { friendModule } from './module.ts';

/** Friend requests, friendships and blocks. */
export const friendService = friendModule();
