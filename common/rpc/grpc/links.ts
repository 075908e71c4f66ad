import type { Discovery, InstanceList } from '../../registry/registry.ts';
import type { ServiceName } from '../../service/names.ts';
import { createLink, type Link, type LinkOptions } from './link.ts';

export interface LinksOptions extends LinkOptions {
  discovery: Discovery;
  /** Told when an address is in no list any more. */
  onGone: (address: string) => void;
}

/** One link per address, for as long as the address is in some list that is followed. */
export interface Links {
  /** The instances of a service, followed from now on. */
  follow(service: ServiceName): InstanceList;
  /** The link to an address of one of the lists. */
  to(address: string): Link;
  /** Whether an address was tried and could not be reached since. */
  isDown(address: string): boolean;
  /** Nobody is called any more. */
  readonly closed: boolean;
  close(): void;
}

export function createLinks(options: LinksOptions): Links {
  const { discovery, onGone } = options;
  const lists = new Map<ServiceName, { list: InstanceList; unfollow: () => void }>();
  const links = new Map<string, Link>();
  let closed = false;

  function retireOthers(): void {
    const listed = new Set<string>();
    for (const { list } of lists.values()) for (const { address } of list.current()) listed.add(address);
    for (const [address, link] of links) {
      if (listed.has(address)) continue;
      links.delete(address);
      link.retire();
      onGone(address);
    }
  }

  return {
    follow(service) {
      const known = lists.get(service);
      if (known !== undefined) return known.list;
      const list = discovery.follow(service);
      lists.set(service, { list, unfollow: list.onChange(retireOthers) });
      return list;
    },
    to(address) {
      const known = links.get(address);
      if (known !== undefined) return known;
      const link = createLink(address, options);
      links.set(address, link);
      return link;
    },
    isDown: (address) => links.get(address)?.down ?? false,
    get closed() {
      return closed;
    },
    close() {
      closed = true;
      for (const { unfollow } of lists.values()) unfollow();
      for (const link of links.values()) link.close();
      links.clear();
    },
  };
}
