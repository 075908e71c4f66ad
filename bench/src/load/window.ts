/** A stretch of time that is measured, after a stretch that only warms up. */
export interface Window {
  readonly open: boolean;
  /** Runs `load` until the window is over. `mark` tells the parent when it opens and closes. */
  run(load: Promise<unknown>): Promise<void>;
  /** The load should stop. */
  readonly over: boolean;
  readonly seconds: number;
}

const WARM_UP_MS = 1_500;

export function createWindow(seconds: number, mark: (name: 'open' | 'close') => Promise<void>): Window {
  let open = false;
  let over = false;
  let openedAt = 0;
  let closedAt = 0;
  return {
    get open() {
      return open;
    },
    get over() {
      return over;
    },
    get seconds() {
      return (closedAt - openedAt) / 1000;
    },
    async run(load) {
      await pause(WARM_UP_MS);
      await mark('open');
      open = true;
      openedAt = performance.now();
      await pause(seconds * 1000);
      open = false;
      closedAt = performance.now();
      await mark('close');
      over = true;
      await load;
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
