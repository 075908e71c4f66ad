import { Counter, Gauge, type Registry } from 'prom-client';
import { CLOSE } from './domain/close-codes.ts';

/** Codes that get a series of their own: ours, and what `ws` and browsers use. A client could make up thousands. */
const COUNTED_CODES: ReadonlySet<number> = new Set([
  ...Object.values(CLOSE),
  1000,
  1001,
  1005,
  1006,
  1007,
  1009,
]);

/** What the gateway counts. */
export interface GatewayMetrics {
  frameIn(): void;
  framesOut(count: number): void;
  closed(code: number): void;
  resyncs(count: number): void;
  groupRead(): void;
}

export function createGatewayMetrics(registry: Registry, countSockets: () => number): GatewayMetrics {
  const registers = [registry];
  new Gauge({
    name: 'im_ws_sockets',
    help: 'Open sockets, signed in or not.',
    registers,
    collect() {
      this.set(countSockets());
    },
  });
  const framesIn = new Counter({ name: 'im_ws_frames_in_total', help: 'Frames from clients.', registers });
  const framesOut = new Counter({ name: 'im_ws_frames_out_total', help: 'Frames to clients.', registers });
  const closes = new Counter({
    name: 'im_ws_closes_total',
    help: 'Closed sockets by close code, whoever closed them.',
    labelNames: ['code'],
    registers,
  });
  const resyncs = new Counter({
    name: 'im_ws_resyncs_total',
    help: 'Sockets that were told that a push may have been lost.',
    registers,
  });
  const groupsRead = new Counter({
    name: 'im_ws_large_groups_read_total',
    help: 'Readings of who may see what of a large group.',
    registers,
  });
  return {
    frameIn: () => framesIn.inc(),
    framesOut: (count) => framesOut.inc(count),
    closed: (code) => closes.inc({ code: COUNTED_CODES.has(code) ? String(code) : 'other' }),
    resyncs: (count) => resyncs.inc(count),
    groupRead: () => groupsRead.inc(),
  };
}
