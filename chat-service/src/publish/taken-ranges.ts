/**
 * Which changes of each partition the bus has taken. What counts is up to where
 * it has everything; what lies behind a hole is kept, so that filling the hole
 * is enough and nothing is published again for it.
 */
export interface TakenRanges {
  /** The bus has everything up to here; undefined where nothing is known. */
  upTo(partitionId: number): number | undefined;
  /** Where the first hole ends: the change up to which something is missing. Undefined without a hole. */
  holeEnd(partitionId: number): number | undefined;
  /** The bus has everything up to here, as the store says. */
  atLeast(partitionId: number, changeNo: number): void;
  /** The bus has the changes above `from`, up to `to`. */
  take(partitionId: number, from: number, to: number): void;
}

interface Taken {
  upTo: number;
  /** Behind a hole; in order, apart from one another. */
  ahead: { from: number; to: number }[];
}

export function createTakenRanges(): TakenRanges {
  const partitions = new Map<number, Taken>();

  function of(partitionId: number): Taken {
    const known = partitions.get(partitionId) ?? { upTo: 0, ahead: [] };
    partitions.set(partitionId, known);
    return known;
  }

  function join(taken: Taken): void {
    let next = taken.ahead[0];
    while (next && next.from <= taken.upTo) {
      taken.upTo = Math.max(taken.upTo, next.to);
      taken.ahead.shift();
      next = taken.ahead[0];
    }
  }

  return {
    upTo: (partitionId) => partitions.get(partitionId)?.upTo,
    holeEnd: (partitionId) => partitions.get(partitionId)?.ahead[0]?.from,
    atLeast(partitionId, changeNo) {
      const taken = of(partitionId);
      taken.upTo = Math.max(taken.upTo, changeNo);
      join(taken);
    },
    take(partitionId, from, to) {
      const taken = of(partitionId);
      const last = taken.ahead.at(-1);
      if (last && last.from <= from && from <= last.to) last.to = Math.max(last.to, to);
      else taken.ahead.push({ from, to });
      // An instance writes a partition in order, so this is rarely more than a look.
      taken.ahead.sort((a, b) => a.from - b.from);
      join(taken);
    },
  };
}
