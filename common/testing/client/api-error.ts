import type { WireError } from './wire.ts';

/** Reasons that say "not now": the same request, sent again with the same id, may well succeed. */
const MOMENTARY = new Set([
  'OVERLOADED',
  'SERVICE_AWAY',
  'STORE_AWAY',
  'SHUTTING_DOWN',
  'DEADLINE_PASSED',
  'CALL_CANCELLED',
  'EARLIER_SEND_REFUSED',
  'RATE_LIMITED',
]);

/** An error as the server answered it, over HTTP or a socket. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status. */
  readonly code: number;
  readonly status: string;
  readonly reason: string;
  readonly metadata: Record<string, string>;
  readonly requestId: string;
  /** The kind of frame, or the method and path. */
  readonly asked: string;

  constructor(error: WireError, asked: string) {
    super(`${asked}: ${error.reason}: ${error.message}`);
    this.asked = asked;
    this.code = error.code;
    this.status = error.status;
    this.reason = error.reason;
    this.metadata = error.metadata ?? {};
    this.requestId = error.requestId ?? '';
  }

  /** Whether the same request may succeed a moment later. */
  get momentary(): boolean {
    return MOMENTARY.has(this.reason);
  }
}

/** The server could not be reached, or went away before it answered: what became of the request is unknown. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}
