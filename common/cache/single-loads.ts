type Load<T> = (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>;

/** What came of one load. */
export interface Loaded<T> {
  /** Those that were asked for and are of this load. */
  readonly keys: readonly string[];
  readonly values: ReadonlyMap<string, T>;
  /** Whether it was begun for the one who asks; each load is one's only. */
  readonly mine: boolean;
  readonly startedAt: number;
  /** Keys that were changed since it began. */
  readonly forgotten: ReadonlySet<string>;
}

interface Flight<T> {
  readonly values: Promise<ReadonlyMap<string, T>>;
  readonly startedAt: number;
  readonly forgotten: Set<string>;
}

/** Loads of keys, each key once at a time. */
export interface SingleLoads<T> {
  /** Loads what nobody is loading, `now` being when, and waits for the rest. Rejects when any of it does. */
  load(keys: readonly string[], now: number): Promise<Loaded<T>[]>;
  /** Who asks from now on for these keys does not wait for a load that has begun. */
  forget(keys: readonly string[]): void;
}

export function createSingleLoads<T>(
  load: Load<T>,
  atOnce: number = Number.POSITIVE_INFINITY,
): SingleLoads<T> {
  const flights = new Map<string, Flight<T>>();

  function begin(keys: readonly string[], startedAt: number): Flight<T> {
    const land = () => {
      for (const key of keys) if (flights.get(key) === flight) flights.delete(key);
    };
    const flight: Flight<T> = { values: load(keys).finally(land), startedAt, forgotten: new Set() };
    for (const key of keys) flights.set(key, flight);
    return flight;
  }

  return {
    async load(keys, now) {
      const joined = new Map<Flight<T>, string[]>();
      const fresh: string[] = [];
      for (const key of keys) {
        const flight = flights.get(key);
        if (flight === undefined) fresh.push(key);
        else joined.set(flight, [...(joined.get(flight) ?? []), key]);
      }
      const own = new Map<Flight<T>, string[]>();
      for (let i = 0; i < fresh.length; i += atOnce) {
        const batch = fresh.slice(i, i + atOnce);
        own.set(begin(batch, now), batch);
      }
      return Promise.all(
        [...own, ...joined].map(async ([flight, together]) => ({
          keys: together,
          values: await flight.values,
          mine: own.has(flight),
          startedAt: flight.startedAt,
          forgotten: flight.forgotten,
        })),
      );
    },
    forget(keys) {
      for (const key of keys) {
        flights.get(key)?.forgotten.add(key);
        flights.delete(key);
      }
    },
  };
}
