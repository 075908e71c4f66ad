import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ImError } from '../errors/im-error.ts';
import { errorJson } from './error-json.ts';
import { requestIdOf } from './request-id.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** Answers a request that has no response object, in the same form as all others, and hangs up. */
export function endWithError(stream: Duplex, headers: IncomingHttpHeaders, error: ImError): void {
  const requestId = requestIdOf({ headers });
  const body = JSON.stringify(errorJson(error, requestId));
  const { httpStatus: status } = error;
  const seconds = retryAfterSeconds(error);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...(seconds === undefined ? [] : [`retry-after: ${seconds}`]),
  ];
  stream.on('error', () => {});
  stream.once('finish', () => stream.destroy());
  stream.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
