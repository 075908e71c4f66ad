import { Counter, Gauge, type Registry } from 'prom-client';

/** What the gateway counts. */
export interface GatewayMetrics {
  frameIn(): void;
  framesOut(count: number): void;
  closed(code: number): void;
  resyncs(count: number): void;
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
  return {
    frameIn: () => framesIn.inc(),
    framesOut: (count) => framesOut.inc(count),
    closed: (code) => closes.inc({ code: String(code) }),
    resyncs: (count) => resyncs.inc(count),
  };
}
