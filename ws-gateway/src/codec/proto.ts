import { type DescField, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ClientFrameSchema, ServerFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import {
  type Codec,
  frameSchema,
  isFrameId,
  type ParsedFrame,
  readFrame,
  refusedFrame,
  unreadable,
} from './codec.ts';
import { requireStrict } from './strict-message.ts';

const ID_FIELD = ClientFrameSchema.field.id;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Binary frames of protobuf, held to the same rules as JSON. */
export const protoCodec: Codec = {
  subprotocol: 'im.v1.proto',
  binary: true,
  parse,
  encode: (frame) => toBinary(ServerFrameSchema, frame),
};

function parse(payload: Buffer): ParsedFrame {
  let parts: Part[];
  try {
    parts = partsOf(payload);
  } catch {
    return unreadable('not protobuf');
  }
  const [first, second] = parts;
  if (first === undefined || second === undefined || parts.length > 2) {
    return unreadable('a frame has an id and exactly one kind');
  }
  const [idPart, kindPart] = first.field === ID_FIELD ? [first, second] : [second, first];
  const asked = kindPart.field?.localName ?? '';
  const schema = frameSchema(asked);
  if (idPart.field !== ID_FIELD || schema === undefined) return unreadable('no id or an unknown kind');
  let id: string;
  let value: Message;
  try {
    id = UTF8.decode(idPart.bytes);
    value = fromBinary(schema, kindPart.bytes);
  } catch {
    return unreadable('not protobuf');
  }
  if (!isFrameId(id)) return unreadable('no id');
  try {
    requireStrict(schema, value);
    return readFrame(id, asked, value);
  } catch (error) {
    return refusedFrame(id, asked, error);
  }
}

interface Part {
  /** Undefined for a number that the contract does not know. */
  readonly field: DescField | undefined;
  readonly bytes: Uint8Array;
}

/**
 * The fields of a frame one by one. Protobuf lets the last of several kinds
 * win, without a word; here that is a mistake, as it is in JSON.
 */
function partsOf(payload: Buffer): Part[] {
  const reader = new BinaryReader(payload);
  const parts: Part[] = [];
  while (reader.pos < reader.len && parts.length < 3) {
    const [number, wireType] = reader.tag();
    // The id and all kinds are of this type.
    if (wireType !== WireType.LengthDelimited) throw new Error('not a field of a frame');
    const field = ClientFrameSchema.fields.find((candidate) => candidate.number === number);
    parts.push({ field, bytes: reader.bytes() });
  }
  return parts;
}
