import { lookup } from 'node:dns/promises';
import type { ServiceName } from '../service/names.ts';
import type { Logger } from '../telemetry/log.ts';
import { delay, within } from '../utils/wait.ts';
import { type ChangingList, createInstanceList } from './instance-list.ts';
import type { Instance, Registry } from './registry.ts';

const DNS_PREFIX = 'dns:///';
/** How often names are looked up again, in milliseconds. */
const LOOKUP_EVERY_MS = 5_000;
/** Before a lookup counts as failed, in milliseconds; the system's own patience may be much longer. */
const LOOKUP_MS = 2_000;

export interface StaticRegistryOptions {
  log: Logger;
  /** Where services of other processes are: `host:port` as it stands, `dns:///name:port` for each address that the name has. */
  targets?: Readonly<Partial<Record<ServiceName, readonly string[]>>>;
  /** The addresses of a name; a seam for tests. */
  resolve?: (name: string) => Promise<readonly string[]>;
  lookupEveryMs?: number;
}

/**
 * The instances of this process, which register, and others from fixed lists.
 * Limit: says nothing about whether those of the lists are alive, and knows
 * no boot ids of theirs.
 */
export function createStaticRegistry(options: StaticRegistryOptions): Registry {
  const { log, targets = {}, resolve = addressesOf, lookupEveryMs = LOOKUP_EVERY_MS } = options;
  const registered = new Map<ServiceName, Set<Instance>>();
  const lists = new Map<ServiceName, ChangingList>();
  const found = new Map<string, readonly string[]>();
  const ending = new AbortController();
  const lookingUp: Promise<void>[] = [];

  function show(service: ServiceName): void {
    const fixed = (targets[service] ?? []).flatMap((target) =>
      target.startsWith(DNS_PREFIX) ? (found.get(target) ?? []) : [target],
    );
    const byAddress = new Map<string, Instance>(
      fixed.map((address) => [address, { address, bootId: undefined }]),
    );
    for (const instance of registered.get(service) ?? []) byAddress.set(instance.address, instance);
    lists.get(service)?.set([...byAddress.values()]);
  }

  async function keepLookingUp(service: ServiceName, names: readonly string[]): Promise<void> {
    while (!ending.signal.aborted) {
      await Promise.all(names.map(lookUp));
      if (ending.signal.aborted) return;
      show(service);
      await delay(lookupEveryMs, ending.signal).catch(() => {});
    }
  }

  async function lookUp(target: string): Promise<void> {
    const { name, port } = parseTarget(target);
    try {
      const addresses = await within(Promise.resolve(resolve(name)), LOOKUP_MS);
      if (addresses === undefined) throw new Error('no answer');
      found.set(
        target,
        addresses.map((address) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`)),
      );
    } catch (error) {
      // What was found before stays.
      if (!ending.signal.aborted) log.warn({ err: error, name }, 'a name could not be looked up');
    }
  }

  return {
    follow(service) {
      const known = lists.get(service);
      if (known !== undefined) return known;
      const list = createInstanceList();
      lists.set(service, list);
      const names = (targets[service] ?? []).filter((target) => target.startsWith(DNS_PREFIX));
      if (names.length === 0) show(service);
      else lookingUp.push(keepLookingUp(service, names));
      return list;
    },
    async register(service, instance, signal) {
      signal?.throwIfAborted();
      const own = registered.get(service) ?? new Set();
      registered.set(service, own);
      const entry = { ...instance };
      own.add(entry);
      show(service);
      return {
        async revoke() {
          if (own.delete(entry)) show(service);
        },
      };
    },
    async reachable() {},
    async close() {
      ending.abort();
      await Promise.all(lookingUp);
    },
  };
}

function parseTarget(target: string): { name: string; port: string } {
  const at = target.lastIndexOf(':');
  return { name: target.slice(DNS_PREFIX.length, at), port: target.slice(at + 1) };
}

async function addressesOf(name: string): Promise<string[]> {
  const answers = await lookup(name, { all: true });
  return answers.map(({ address }) => address);
}
