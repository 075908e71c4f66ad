import { randomUUID } from 'node:crypto';
import { REQUEST_ID_KEY } from '../metadata.ts';
import type { Middleware } from '../middleware.ts';
import type { ServerCall } from './call.ts';

/** Printable and short, so that a caller cannot fill or break the log with it. */
const REQUEST_ID = /^[!-~]{1,128}$/;

/** Takes the request id over from the caller, or gives the call one. */
export const trace: Middleware<ServerCall> = (call, next) => {
  const given = call.metadata[REQUEST_ID_KEY];
  call.requestId = given !== undefined && REQUEST_ID.test(given) ? given : randomUUID();
  return next(call);
};
