import type { DeviceLocation } from '@im/common/presence/device-locations.ts';
import { type PresenceState, presenceState } from '@im/common/presence/presence-state.ts';

/** Somebody who is watched, with what their watchers have been told. */
export interface WatchedPerson<W> {
  readonly uid: string;
  state: PresenceState;
  readonly watchers: Set<W>;
}

/** Who watches whom. All watchers of a person have been told the same. */
export interface WatchTable<W> {
  /**
   * Replaces whom somebody watches. The states are for people whom nobody
   * watches yet; answers, in the same order, those that the others were told,
   * and whether the watcher has them for the first time.
   */
  replace(watcher: W, people: readonly Seen[]): (Seen & { readonly isNew: boolean })[];
  forget(watcher: W): void;
  /** Everybody who is watched, each once. */
  people(): WatchedPerson<W>[];
  /** Takes in where these people are now; answers those whose state is another than their watchers know. */
  update(
    people: readonly WatchedPerson<W>[],
    found: ReadonlyMap<string, readonly DeviceLocation[]>,
  ): WatchedPerson<W>[];
}

interface Seen {
  readonly uid: string;
  readonly state: PresenceState;
}

export function createWatchTable<W>(): WatchTable<W> {
  const byUid = new Map<string, WatchedPerson<W>>();
  const byWatcher = new Map<W, Set<WatchedPerson<W>>>();

  function personOf({ uid, state }: Seen): WatchedPerson<W> {
    const known = byUid.get(uid);
    if (known !== undefined) return known;
    const person = { uid, state, watchers: new Set<W>() };
    byUid.set(uid, person);
    return person;
  }

  function leave(watcher: W, person: WatchedPerson<W>): void {
    person.watchers.delete(watcher);
    if (person.watchers.size === 0) byUid.delete(person.uid);
  }

  return {
    replace(watcher, seen) {
      const before = byWatcher.get(watcher) ?? new Set();
      const people = new Set(seen.map(personOf));
      const told = [...people].map((person) => ({
        uid: person.uid,
        state: person.state,
        isNew: !before.has(person),
      }));
      for (const person of people) person.watchers.add(watcher);
      for (const person of before) if (!people.has(person)) leave(watcher, person);
      if (people.size > 0) byWatcher.set(watcher, people);
      else byWatcher.delete(watcher);
      return told;
    },
    forget(watcher) {
      for (const person of byWatcher.get(watcher) ?? []) leave(watcher, person);
      byWatcher.delete(watcher);
    },
    people: () => [...byUid.values()],
    update(people, found) {
      return people.filter((person) => {
        // Forgotten meanwhile, and maybe watched anew: that one has a later state.
        if (byUid.get(person.uid) !== person) return false;
        const state = presenceState(found.get(person.uid));
        if (state === person.state) return false;
        person.state = state;
        return true;
      });
    },
  };
}
