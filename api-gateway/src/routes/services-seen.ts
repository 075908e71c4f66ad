import type { Discovery } from '@im/common/registry/registry.ts';
import type { ServiceName } from '@im/common/service/names.ts';

/** The services behind the gateway's routes. */
const BEHIND: readonly ServiceName[] = [
  'user-service',
  'auth-service',
  'friend-service',
  'group-service',
  'chat-service',
];

/** Whether every service behind the gateway has been seen alive. */
export interface ServicesSeen {
  /** Those not seen yet, in words; undefined once all have been, even if one goes away later. */
  missing(): string | undefined;
}

export function createServicesSeen(discovery: Discovery): ServicesSeen {
  const lists = new Map(BEHIND.map((service) => [service, discovery.follow(service)]));
  return {
    missing() {
      for (const [service, list] of lists) if (list.current().length > 0) lists.delete(service);
      return lists.size === 0 ? undefined : `not seen yet: ${[...lists.keys()].join(', ')}`;
    },
  };
}
