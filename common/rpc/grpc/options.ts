import type { ChannelOptions } from '@grpc/grpc-js';

/**
 * The largest message either side takes. The largest there are, a sync answer of
 * 5,000 events or a page of messages with 1 MiB of body each, have several MiB.
 */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * How often a connection is asked whether the other side is still there, and
 * how long it may take to say so, in milliseconds. A peer that is paused or whose cable was pulled
 * closes nothing; this way its calls fail within ten seconds instead of never. Shorter would end
 * connections of a process that is only busy.
 */
export const KEEPALIVE_MS = 5_000;

/** Of a connection that failed, before the next attempt, doubling up to the second; milliseconds. Within a deadline, so that a restart is noticed by who waits for it. */
const FIRST_BACKOFF_MS = 100;
const MOST_BACKOFF_MS = 1_000;

/** How long one attempt to connect may take before it is given up and begun anew, in milliseconds. */
const CONNECT_ATTEMPT_MS = 5_000;

function commonOptions(keepaliveMs: number): ChannelOptions {
  return {
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_timeout_ms': keepaliveMs,
    // Also while nothing is asked of a connection, so that the next call does not find it dead.
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  };
}

export function serverOptions(keepaliveMs: number = KEEPALIVE_MS): ChannelOptions {
  return commonOptions(keepaliveMs);
}

export function channelOptions(keepaliveMs: number = KEEPALIVE_MS): ChannelOptions {
  return {
    ...commonOptions(keepaliveMs),
    'grpc.initial_reconnect_backoff_ms': FIRST_BACKOFF_MS,
    'grpc.max_reconnect_backoff_ms': MOST_BACKOFF_MS,
    // grpc-js has no bound of its own; nice-grpc gives it one under this name.
    'grpc.min_reconnect_backoff_ms': CONNECT_ATTEMPT_MS,
    // grpc-js shares connections between channels through a pool of the whole process.
    'grpc.use_local_subchannel_pool': 1,
    // Calls between services never go through the proxy that HTTP_PROXY may name.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
  };
}
