import type { DescService } from '@bufbuild/protobuf';
import { type Channel, type Client, createChannel, createClient } from 'nice-grpc';
import { ImError } from '../../errors/im-error.ts';
import { type BytesDefinition, definitionOf } from './definition.ts';
import { channelOptions } from './options.ts';
import { channelCredentials, type GrpcTls } from './tls.ts';

/**
 * How long a call waits for a connection before its instance counts as not to
 * be reached, in milliseconds. Half of a call's usual time, so that another can be tried.
 */
const CONNECT_MS = 1_000;

/** grpc-js's connectivityState, which is an ambient enum. */
const IDLE = 0;
const READY = 2;
const TRANSIENT_FAILURE = 3;
const SHUTDOWN = 4;

export type BytesClient = Client<BytesDefinition>;

/** The way to one address: a channel that connects when it is needed, and again after a failure. */
export interface Link {
  readonly address: string;
  /** Whether it was tried and could not be reached since; it is tried again in the meantime. */
  readonly down: boolean;
  /** Whether a call can be handed over; waits while it connects, for a second at most. Not to be asked while it is down. */
  reach(): boolean | Promise<boolean>;
  client(contract: DescService): BytesClient;
  /** Notes a call, which `cancellation` ends; returns what notes its end. */
  begin(cancellation: AbortController): () => void;
  /** No call will begin any more: closes once those under way have ended. */
  retire(): void;
  /** At once; calls under way end with SERVICE_AWAY. */
  close(): void;
}

export interface LinkOptions {
  tls: GrpcTls | undefined;
  keepaliveMs: number | undefined;
}

export function createLink(address: string, { tls, keepaliveMs }: LinkOptions): Link {
  const channel = createChannel(address, channelCredentials(tls), {
    ...channelOptions(keepaliveMs),
    ...(tls?.serverName === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
  });
  const clients = new Map<DescService, BytesClient>();
  const open = new Set<AbortController>();
  let retired = false;
  let closed = false;
  let failed = false;
  let connecting: Promise<boolean> | undefined;

  function close(): void {
    if (closed) return;
    closed = true;
    channel.close();
    for (const cancellation of open)
      cancellation.abort(new ImError('SERVICE_AWAY', 'the connection was closed'));
  }
  function isDown(): boolean {
    if (!failed || closed) return failed;
    // Idle: it was connected in the meantime, and will connect again when it is asked to.
    const state = channel.getConnectivityState(false);
    failed = state !== READY && state !== IDLE;
    return failed;
  }

  return {
    address,
    get down() {
      return isDown();
    },
    reach() {
      if (closed) return false;
      // Asking makes a channel connect that has no reason to yet.
      if (channel.getConnectivityState(true) === READY) return true;
      connecting ??= connect(channel).then((connected) => {
        failed = !connected;
        connecting = undefined;
        return connected;
      });
      return connecting;
    },
    client(contract) {
      const known = clients.get(contract);
      if (known !== undefined) return known;
      const client = createClient(definitionOf(contract), channel);
      clients.set(contract, client);
      return client;
    },
    begin(cancellation) {
      open.add(cancellation);
      return () => {
        open.delete(cancellation);
        if (retired && open.size === 0) close();
      };
    },
    retire() {
      retired = true;
      if (open.size === 0) close();
    },
    close,
  };
}

/** Whether the channel gets ready in its time. */
async function connect(channel: Channel): Promise<boolean> {
  const until = Date.now() + CONNECT_MS;
  for (;;) {
    const state = channel.getConnectivityState(true);
    if (state === READY) return true;
    if (state === TRANSIENT_FAILURE || state === SHUTDOWN) return false;
    if (!(await changes(channel, state, until))) return false;
  }
}

function changes(channel: Channel, state: number, until: number): Promise<boolean> {
  return new Promise((resolve) => {
    channel.watchConnectivityState(state, until, (error) => resolve(error === undefined));
  });
}
