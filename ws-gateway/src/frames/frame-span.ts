import type { TraceSpan } from '@im/common/telemetry/traces.ts';
import type { FrameKind } from '../codec/codec.ts';
import type { GatewayContext } from '../context.ts';
import type { FrameRef } from './answer.ts';

/** From the arrival of a frame to its answer; undefined where nothing is traced. Each begins a trace: frames have no room for one of the client's. */
export function beginFrameSpan(
  { traces }: GatewayContext,
  kind: FrameKind,
  { requestId }: FrameRef,
): TraceSpan | undefined {
  return traces?.begin(`frame ${kind}`, { kind: 'server', attributes: { 'im.request_id': requestId } });
}
