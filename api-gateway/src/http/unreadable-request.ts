import type { Socket } from 'node:net';
import { ImError } from '@im/common/errors/im-error.ts';
import { endWithError } from '@im/common/http/raw-error.ts';

/** Answers what did not even parse as HTTP, in the same form as everything else, and hangs up. */
export function answerUnreadable(failure: { code?: string }, socket: Socket): void {
  if (!socket.writable || failure.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const tooLarge = failure.code === 'HPE_HEADER_OVERFLOW';
  const error = tooLarge
    ? new ImError('TOO_LARGE', 'the headers are too large')
    : new ImError('MALFORMED_BODY', 'this is not a complete HTTP request');
  endWithError(socket, {}, error);
}
