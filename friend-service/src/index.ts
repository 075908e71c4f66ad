import { friendModule } from './module.ts';

/** Friend requests and friendships. */
export const friendService = friendModule();
