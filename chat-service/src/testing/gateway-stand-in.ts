import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { DeliveryService, type GroupEvent, type Push } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import { publicServiceKeys } from '@im/common/identity/service-keys.ts';
import { createServiceTokenVerifier } from '@im/common/identity/service-tokens.ts';
import { createRpcServer } from '@im/common/rpc/server.ts';
import { bindRpc } from '@im/common/rpc/types.ts';
import { createMetrics } from '@im/common/telemetry/metrics.ts';
import type { TestProcess } from '@im/common/testing/test-process.ts';

/** What one connection was pushed, in order. */
export interface TestConnection {
  readonly uid: string;
  readonly connectionId: string;
  readonly frames: Push['frame'][];
  /** The events among them. */
  events(): Event[];
  /** The frames of one kind. */
  framesOf<Case extends Push['frame']['case']>(kind: Case): Extract<Push['frame'], { case: Case }>[];
  close(): Promise<void>;
}

/** A gateway as chat-service sees it: it takes pushes and writes down who got what. */
export interface GatewayStandIn {
  /** The numbers of the deliveries taken, in order. */
  readonly numbers: number[];
  /** Events of large groups, in order. */
  readonly groupEvents: GroupEvent[];
  /** A device of a user connects. */
  connect(uid: string): Promise<TestConnection>;
  /** Takes nothing until `release`. */
  hold(): void;
  release(): void;
  /** How many streams it has been opened. */
  readonly streams: number;
  /** Is not there any more. */
  stop(): Promise<void>;
}

export function startGatewayStandIn({ kit }: TestProcess, bootId = 'gateway'): GatewayStandIn {
  const connections = new Map<string, TestConnection>();
  const numbers: number[] = [];
  const groupEvents: GroupEvent[] = [];
  let streams = 0;
  let held: PromiseWithResolvers<void> | undefined;

  const server = createRpcServer({
    service: 'ws-gateway',
    bindings: [
      bindRpc(DeliveryService, {
        async *deliver(requests) {
          streams += 1;
          for await (const { number, pushes } of requests) {
            await held?.promise;
            numbers.push(number);
            for (const { connectionIds, frame } of pushes) {
              if (frame.case === 'groupEvent') groupEvents.push(frame.value);
              for (const id of connectionIds) connections.get(id)?.frames.push(frame);
            }
            yield { number };
          }
        },
      }),
    ],
    tokens: createServiceTokenVerifier({
      service: 'ws-gateway',
      publicKeysByService: publicServiceKeys(kit.serviceKeys),
      now: kit.now,
    }),
    log: kit.log,
    metrics: createMetrics({ service: 'ws-gateway' }),
  });
  const remove = kit.network.add(server, bootId);

  return {
    numbers,
    groupEvents,
    get streams() {
      return streams;
    },
    async connect(uid) {
      const connectionId = `${bootId} ${connections.size + 1}`;
      const location = {
        uid,
        connectionId,
        gatewayBootId: bootId,
        sessionId: `session-of-${uid}`,
        platform: Platform_Value.WEB,
      };
      const connection: TestConnection = {
        uid,
        connectionId,
        frames: [],
        events: () => connection.framesOf('event').map(({ value }) => value),
        framesOf: (kind) =>
          connection.frames.filter(
            (frame): frame is Extract<Push['frame'], { case: typeof kind }> => frame.case === kind,
          ),
        close: () => kit.locations.remove(location),
      };
      connections.set(connectionId, connection);
      await kit.locations.add(location);
      return connection;
    },
    hold() {
      held ??= Promise.withResolvers();
    },
    release() {
      held?.resolve();
      held = undefined;
    },
    async stop() {
      held?.resolve();
      remove();
      await server.stop();
    },
  };
}
