import { normalizeError } from '../../errors/normalize-error.ts';
import type { Middleware } from '../middleware.ts';
import type { ServerCall } from './call.ts';

/** Lets only errors out that were meant for callers. */
export const maskErrors: Middleware<ServerCall> = async (call, next) => {
  try {
    return await next(call);
  } catch (error) {
    throw normalizeError(error);
  }
};
