import { ImError } from '../errors/im-error.ts';

/**
 * Refusals of a server that cannot do it now and may later: it reads its file, has become a replica, has
 * lost its primary, is full, cannot write to its disk, or runs a script.
 */
const FOR_NOW = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|MISCONF|BUSY|NOREPLICAS)\b/;

/**
 * What a caller gets for an error of ioredis: STORE_AWAY where trying later may help, its cause for the
 * log; else the error itself, without the command, whose arguments may be secrets.
 */
export function explainRedisError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ImError) return error;
  if ('command' in error) delete error.command;
  if (isRefusal(error) && !FOR_NOW.test(error.message)) return error;
  const away = new ImError('STORE_AWAY', 'the store cannot do this now; try again later');
  away.cause = error;
  return away;
}

/** Whether the server itself answered with an error, rather than nobody answering. */
function isRefusal(error: Error): boolean {
  return error.name === 'ReplyError';
}
