import type { ServiceName } from '../service/names.ts';

/** One running instance of a service, as callers find it. */
export interface Instance {
  /** `host:port` of its RPC server; of a service in the same process just a name. */
  readonly address: string;
  /** Random, made when its process started. Undefined for a server that does not say, one written in Go for instance. */
  readonly bootId: string | undefined;
}

/** The live instances of one service, kept current. */
export interface InstanceList {
  /**
   * At once, without waiting; each address once, and the same array until something changes.
   * Never shrinks to nothing because the registry cannot be read.
   */
  current(): readonly Instance[];
  /** Resolves when the registry has been read for the first time, so that an empty list means: none there. Waits as long as the registry is away. */
  known(): Promise<void>;
  /** Calls `listener` after every change of `current`; returns what ends that. */
  onChange(listener: () => void): () => void;
}

/**
 * Tells which instances of a service are alive. Following is begun by the first
 * who asks and shared by all of the process.
 */
export interface Discovery {
  /** All instances; who calls just any of them chooses a subset itself. */
  follow(service: ServiceName): InstanceList;
}

/** An instance's own entry. */
export interface Registration {
  /** Takes it out; callers stop choosing it. Resolves even where the registry is away, within a second. */
  revoke(): Promise<void>;
}

/**
 * Where instances announce themselves and find one another.
 *
 * An entry of an instance that dies disappears by itself within 10 s; one that
 * the registry lost while its instance lives is put back.
 */
export interface Registry extends Discovery {
  /**
   * To be called once the instance listens and is healthy. Resolves when others can find it; keeps trying
   * until then. Rejects with the signal's reason when it aborts first.
   */
  register(service: ServiceName, instance: Instance, signal?: AbortSignal): Promise<Registration>;
  /** Rejects within two seconds where the registry cannot be read now. */
  reachable(): Promise<void>;
  /** Stops following. Entries still there are revoked first. */
  close(): Promise<void>;
}
