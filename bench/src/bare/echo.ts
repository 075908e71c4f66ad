import { serveBare } from './bare-server.ts';

/** The limit without a store: numbers messages in memory. */
let seq = 0;
serveBare((messages) =>
  messages.map(() => {
    seq += 1;
    return seq;
  }),
);
