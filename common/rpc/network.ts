import type { Discovery } from '../registry/registry.ts';
import type { RpcServer } from './server.ts';
import type { Transport } from './transport.ts';

/** How the services of a process call others and are called. */
export interface RpcNetwork {
  readonly transport: Transport;
  /** Which instances are alive, as this process sees them. */
  readonly discovery: Discovery;
  /** Makes a server reachable, by its boot id too; returns what takes it away again. Open calls are the server's to end. */
  add(server: RpcServer, instance: string): () => void;
  /**
   * Tells the others that a service of this process can serve now; returns what takes that back, to be
   * called before it stops serving.
   */
  announce(service: RpcServer['service'], signal: AbortSignal): Promise<() => Promise<void>>;
}
