import { performance } from 'node:perf_hooks';

/** How often something that takes long is told of, in milliseconds. */
const TELL_EVERY_MS = 1_000;

/** Tells an operator how far it is. */
export interface Progress {
  /** Something with so many rows begins; without a number nobody knows how many. */
  begin(what: string, of?: number): { add(count: number): void; end(): void };
  /** So many groups of rows of both sides were compared. */
  compared(what: string, groups: number): void;
}

/** Tells it a line at a time: each beginning, now and then on the way, each end. */
export function createProgress(say: (line: string) => void): Progress {
  return {
    begin(what, of) {
      let rows = 0;
      let toldAt = performance.now();
      const tell = (how: string) => say(`${how} ${what}: ${rows}${of === undefined ? '' : ` of ${of}`} rows`);
      tell('copying');
      return {
        add(count) {
          rows += count;
          if (performance.now() - toldAt < TELL_EVERY_MS) return;
          toldAt = performance.now();
          tell('copying');
        },
        end: () => tell('copied'),
      };
    },
    compared: (what, groups) => say(`compared ${what}: ${groups} parts`),
  };
}
