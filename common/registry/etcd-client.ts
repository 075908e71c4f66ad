import { Etcd3, type IOptions, isRecoverableError } from 'etcd3';

/** Where etcd is and how to get in. */
export interface EtcdOptions {
  /** `host:port` each. */
  hosts: readonly string[];
  tls?: boolean;
  login?: { readonly username: string; readonly password: string } | undefined;
}

type Policies = NonNullable<IOptions['faultHandling']>;
type Policy = NonNullable<Policies['global']>;

/** How long one call may take, in milliseconds. etcd3 would wait for ever. A healthy etcd answers within a few. */
export const ETCD_CALL_MS = 1_500;
/**
 * A connection that died silently is noticed by a ping, in milliseconds. etcd
 * hangs up on clients that ping more often than each 5 s.
 */
const PING_AFTER_MS = 6_000;
const PING_ANSWER_MS = 2_000;

/**
 * A client whose every single call ends within `ETCD_CALL_MS` per host; the
 * caller decides what to try again. Streams have no deadline.
 *
 * etcd3's own policies are not used: its breaker would keep a restarted etcd
 * away for 5 s, half of a lease.
 */
export function openEtcd({ hosts, tls = false, login }: EtcdOptions): Etcd3 {
  return new Etcd3({
    hosts: hosts.map((host) => `${tls ? 'https' : 'http'}://${host}`),
    ...(login && { auth: login }),
    dialTimeout: ETCD_CALL_MS,
    defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + ETCD_CALL_MS }),
    grpcOptions: {
      'grpc.keepalive_time_ms': PING_AFTER_MS,
      'grpc.keepalive_timeout_ms': PING_ANSWER_MS,
    },
    faultHandling: { host: () => attempts(1), global: attempts(hosts.length) },
  });
}

/** Runs a call up to `most` times, while etcd cannot be reached; each time etcd3 takes another host. */
function attempts(most: number): Policy {
  const silent = () => ({ dispose() {} });
  return {
    // Asked for by the type alone.
    _altReturn: undefined as never,
    onSuccess: silent,
    onFailure: silent,
    async execute(call, signal = new AbortController().signal) {
      for (let left = most - 1; ; left -= 1) {
        try {
          return await call({ signal });
        } catch (error) {
          if (left <= 0 || !isRecoverableError(error as Error)) throw error;
        }
      }
    },
  };
}
