import { TRACEPARENT } from '../telemetry/traceparent.ts';

/** What travels beside a request: a flat map with lower-case keys, as gRPC has it. */
export type Metadata = Readonly<Record<string, string>>;

export const SERVICE_TOKEN_KEY = 'im-service-token';
export const UID_KEY = 'im-uid';
export const SESSION_ID_KEY = 'im-session-id';
export const API_KEY_ID_KEY = 'im-api-key-id';
/** Separated by commas. */
export const API_KEY_SCOPES_KEY = 'im-api-key-scopes';
export const CLIENT_ADDRESS_KEY = 'im-client-address';
export const REQUEST_ID_KEY = 'im-request-id';
/** Where the call stands in its trace, as W3C has it; absent where nothing is traced. */
export const TRACEPARENT_KEY = TRACEPARENT;
/** What is left of the caller's deadline; relative, because clocks differ. */
export const TIMEOUT_MS_KEY = 'im-timeout-ms';
/** The boot id of the one instance that may answer; an address may have passed to another process. */
export const INSTANCE_KEY = 'im-instance';
