import type { DescMethod, Message } from '@bufbuild/protobuf';
import { type CallOptions, ClientError, type Metadata as GrpcMetadata } from 'nice-grpc';
import type { Logger } from '../../telemetry/log.ts';
import { mapIterable } from '../map-iterable.ts';
import type { Metadata } from '../metadata.ts';
import type { Link } from './link.ts';
import { fromClientError } from './status.ts';
import { decodeAnswer, encodeMessage } from './wire.ts';
import { toGrpcMetadata } from './wire-metadata.ts';

type UnaryMethod = (bytes: Uint8Array, options: CallOptions) => Promise<Uint8Array>;
type BidiMethod = (bytes: AsyncIterable<Uint8Array>, options: CallOptions) => AsyncIterable<Uint8Array>;

/** One call over one link. Failures are as a Transport's; once `signal` has aborted, its reason. */
export interface Exchange {
  unary(bytes: Uint8Array): Promise<Message>;
  bidi(requests: AsyncIterable<Message>): AsyncIterator<Message>;
}

export function createExchange(
  link: Link,
  method: DescMethod,
  metadata: Metadata,
  signal: AbortSignal,
  log: Logger,
): Exchange {
  const sends = link.client(method.parent)[method.localName] as unknown;
  let trailer: GrpcMetadata | undefined;
  const options: CallOptions = {
    metadata: toGrpcMetadata(metadata),
    signal,
    onTrailer: (received) => {
      trailer = received;
    },
  };

  function failure(error: unknown): unknown {
    if (signal.aborted) return signal.reason;
    if (!(error instanceof ClientError)) return error;
    const { path, code, details } = error;
    const seen = fromClientError(error, trailer);
    log.debug({ address: link.address, path, code, details, reason: seen.reason }, 'a call failed');
    return seen;
  }

  return {
    async unary(bytes) {
      try {
        return decodeAnswer(method.output, await (sends as UnaryMethod)(bytes, options));
      } catch (error) {
        throw failure(error);
      }
    },
    bidi(requests) {
      const bytes = mapIterable(requests, (request) => encodeMessage(method.input, request));
      const answers = (sends as BidiMethod)(bytes, options);
      const decode = (answer: Uint8Array) => decodeAnswer(method.output, answer);
      return mapIterable(answers, decode, failure)[Symbol.asyncIterator]();
    },
  };
}
