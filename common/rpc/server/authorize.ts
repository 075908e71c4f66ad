import { checkAccess } from '../access.ts';
import type { Middleware } from '../middleware.ts';
import type { ServerCall } from './call.ts';

/** Refuses callers whom the contract does not name. A stream is checked once, when it begins. */
export const authorize: Middleware<ServerCall> = async (call, next) => {
  checkAccess(call.route.access, call.caller);
  return next(call);
};
