import type { Socket } from 'node:net';
import { ImError } from '@im/common/errors/im-error.ts';
import { errorJson } from './error-answer.ts';
import { requestIdOf } from './request-id.ts';

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
  const requestId = requestIdOf({ headers: {} });
  const body = JSON.stringify(errorJson(error, requestId));
  const head = [
    tooLarge ? 'HTTP/1.1 413 Payload Too Large' : 'HTTP/1.1 400 Bad Request',
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
