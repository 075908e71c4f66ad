import type { Instance, InstanceList } from './registry.ts';

/** A list of instances that its owner changes. */
export interface ChangingList extends InstanceList {
  /** Makes these the current ones, sorted by address; tells the listeners where that is a change. The list is known from here on. */
  set(instances: readonly Instance[]): void;
}

export function createInstanceList(): ChangingList {
  const known = Promise.withResolvers<void>();
  const listeners = new Set<() => void>();
  let current: readonly Instance[] = [];
  return {
    current: () => current,
    known: () => known.promise,
    onChange(listener) {
      // Wrapped, so that one function may be added twice.
      const entry = () => listener();
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    set(instances) {
      const next = [...instances].sort((a, b) => (a.address < b.address ? -1 : 1));
      const changed = !same(current, next);
      if (changed) current = next;
      known.resolve();
      if (changed) for (const listener of [...listeners]) listener();
    },
  };
}

function same(a: readonly Instance[], b: readonly Instance[]): boolean {
  return (
    a.length === b.length && a.every((one, i) => one.address === b[i]?.address && one.bootId === b[i]?.bootId)
  );
}
