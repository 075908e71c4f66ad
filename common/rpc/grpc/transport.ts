import type { DescMethod, Message } from '@bufbuild/protobuf';
import { normalizeError } from '../../errors/normalize-error.ts';
import type { Discovery } from '../../registry/registry.ts';
import type { Logger } from '../../telemetry/log.ts';
import { callCancelled, followSignal } from '../cancelled.ts';
import { INSTANCE_KEY, type Metadata, TIMEOUT_MS_KEY } from '../metadata.ts';
import { methodName } from '../method-name.ts';
import type { Transport, TransportCall } from '../transport.ts';
import { type BalancedCall, type Balancer, type CallOutcome, createRoundRobin } from './balancer.ts';
import { createExchange } from './exchange.ts';
import { createHandOver } from './hand-over.ts';
import { createLinks } from './links.ts';
import type { GrpcTls } from './tls.ts';
import { encodeMessage } from './wire.ts';

export interface GrpcTransportOptions {
  discovery: Discovery;
  log: Logger;
  /** Takes turns if left out. */
  balancer?: Balancer | undefined;
  /** With or without, as the servers have it. */
  tls?: GrpcTls | undefined;
  /** See KEEPALIVE_MS; a seam for tests. */
  keepaliveMs?: number | undefined;
}

export interface GrpcTransport extends Transport {
  /** Closes all connections; calls under way fail with SERVICE_AWAY. */
  close(): void;
}

/**
 * Carries calls over gRPC to the instances that discovery knows.
 *
 * An instance that cannot be reached is passed over until it can. Limit: a call
 * that was handed to a connection may have reached its server when the
 * connection breaks, so it fails with SERVICE_AWAY; who may repeat it does.
 */
export function createGrpcTransport(options: GrpcTransportOptions): GrpcTransport {
  const { discovery, log, tls, keepaliveMs, balancer = createRoundRobin() } = options;
  const onGone = (address: string) => balancer.forget(address);
  const links = createLinks({ discovery, tls, keepaliveMs, onGone });
  const handOver = createHandOver(links, balancer, log);

  async function unary(method: DescMethod, request: Message, call: TransportCall): Promise<Message> {
    const begunAt = performance.now();
    const bytes = encodeMessage(method.input, request);
    const balanced: BalancedCall = { target: call.target, method: methodName(method), kind: 'unary' };
    const cancellation = new AbortController();
    const letGo = followSignal(cancellation, call.signal);
    try {
      const { instance, link, end } = await handOver(call, balanced, cancellation);
      const startedAt = performance.now();
      balancer.started(instance, balanced);
      let code: CallOutcome['code'] = 'OK';
      try {
        const metadata = outgoing(call, startedAt - begunAt);
        return await createExchange(link, method, metadata, cancellation.signal, log).unary(bytes);
      } catch (error) {
        code = normalizeError(error).status;
        throw error;
      } finally {
        end();
        balancer.finished(instance, balanced, { durationMs: performance.now() - startedAt, code });
      }
    } finally {
      letGo();
    }
  }

  function openStream(
    method: DescMethod,
    requests: AsyncIterable<Message>,
    call: TransportCall,
  ): AsyncIterator<Message> {
    const balanced: BalancedCall = { target: call.target, method: methodName(method), kind: 'stream' };
    const cancellation = new AbortController();
    const letGo = followSignal(cancellation, call.signal);
    let answers: AsyncIterator<Message> | undefined;
    let end = () => {};
    const opening = handOver(call, balanced, cancellation).then((found) => {
      end = found.end;
      const metadata = outgoing(call, 0);
      answers = createExchange(found.link, method, metadata, cancellation.signal, log).bidi(requests);
      return answers;
    });
    // Who reads the answers learns of it, if anybody does.
    opening.catch(() => {});

    const over = () => {
      letGo();
      end();
    };
    const onResult = (result: IteratorResult<Message>) => {
      if (result.done) over();
      return result;
    };
    const onFailure = (error: unknown): never => {
      over();
      throw error;
    };
    return {
      next: () => (answers?.next() ?? opening.then((opened) => opened.next())).then(onResult, onFailure),
      async return() {
        cancellation.abort(callCancelled());
        // The cancellation ends whatever it waits for.
        await opening.then((opened) => opened.return?.()).catch(() => {});
        over();
        return { done: true, value: undefined };
      },
    };
  }

  return {
    unary,
    bidi: (method, requests, call) => ({
      [Symbol.asyncIterator]: () => openStream(method, requests, call),
    }),
    close: links.close,
  };
}

/** What travels beside a call; of its time, what finding an instance took is spent. */
function outgoing({ metadata, instance }: TransportCall, spentMs: number): Metadata {
  const changed: Record<string, string> = { ...metadata };
  if (instance !== undefined) changed[INSTANCE_KEY] = instance;
  const timeoutMs = metadata[TIMEOUT_MS_KEY];
  if (timeoutMs !== undefined)
    changed[TIMEOUT_MS_KEY] = String(Math.max(1, Math.ceil(Number(timeoutMs) - spentMs)));
  return changed;
}
