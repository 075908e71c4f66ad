import { randomUUID } from 'node:crypto';
import type { Middleware } from '../middleware.ts';
import type { ClientCall } from './call.ts';

/** Gives the call the request id of what it is made for, or a new one. */
export const trace: Middleware<ClientCall> = (call, next) => {
  call.requestId = call.options.requestId ?? call.options.within?.requestId ?? randomUUID();
  return next(call);
};
