import type { DescMethod, DescService } from '@bufbuild/protobuf';
import type { MethodDefinition } from 'nice-grpc';
import { methodName } from '../method-name.ts';

/** A contract as nice-grpc has it, by the local names of its methods. */
export type BytesDefinition = Record<
  string,
  MethodDefinition<Uint8Array, Uint8Array, Uint8Array, Uint8Array>
>;

/**
 * The nice-grpc definition of a contract, whose messages are bytes: encoding and
 * decoding are done around it, where what fails becomes the right error.
 */
export function definitionOf(contract: DescService): BytesDefinition {
  return Object.fromEntries(contract.methods.map((method) => [method.localName, methodDefinition(method)]));
}

function methodDefinition(method: DescMethod): BytesDefinition[string] {
  const stream = method.methodKind === 'bidi_streaming';
  return {
    path: `/${methodName(method)}`,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: toBuffer,
    requestDeserialize: asItIs,
    responseSerialize: toBuffer,
    responseDeserialize: asItIs,
    options: {},
  };
}

/** The same memory as grpc-js wants it. */
function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function asItIs(bytes: Uint8Array): Uint8Array {
  return bytes;
}
