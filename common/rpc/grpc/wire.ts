import { type DescMessage, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { ImError } from '../../errors/im-error.ts';
import { MAX_MESSAGE_BYTES } from './options.ts';

/**
 * A message as it travels. Throws TOO_LARGE for one that the other side would
 * not take, and what says so for one that does not fit its contract.
 */
export function encodeMessage(schema: DescMessage, message: Message): Uint8Array {
  const bytes = toBinary(schema, message);
  if (bytes.length <= MAX_MESSAGE_BYTES) return bytes;
  throw new ImError('TOO_LARGE', `a message of ${bytes.length} bytes is larger than ${MAX_MESSAGE_BYTES}`);
}

/** The message of these bytes, without fields that this release does not know. Throws MALFORMED_BODY where there is none. */
export function decodeMessage(schema: DescMessage, bytes: Uint8Array): Message {
  // A Buffer would make the message's bytes fields Buffers too, which behave otherwise in several ways.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return fromBinary(schema, plain, { readUnknownFields: false });
  } catch {
    throw new ImError('MALFORMED_BODY', `this is not a message of type ${schema.typeName}`);
  }
}

/** The same of an answer: where it makes no sense, that is not the caller's fault. Throws INTERNAL_ERROR. */
export function decodeAnswer(schema: DescMessage, bytes: Uint8Array): Message {
  try {
    return decodeMessage(schema, bytes);
  } catch {
    throw new ImError('INTERNAL_ERROR', 'internal error');
  }
}
