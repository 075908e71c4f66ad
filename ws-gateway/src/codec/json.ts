import { isUtf8 } from 'node:buffer';
import { toJson } from '@bufbuild/protobuf';
import { ServerFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import { parseJsonMessage } from '@im/common/rpc/json-message.ts';
import {
  type Codec,
  frameSchema,
  isFrameId,
  type ParsedFrame,
  readFrame,
  refusedFrame,
  unreadable,
} from './codec.ts';

/** Text frames of proto3 JSON; also spoken with clients that ask for no subprotocol. */
export const jsonCodec: Codec = {
  subprotocol: 'im.v1.json',
  binary: false,
  parse,
  encode: (frame) => JSON.stringify(toJson(ServerFrameSchema, frame, { alwaysEmitImplicit: true })),
};

function parse(payload: Buffer): ParsedFrame {
  if (!isUtf8(payload)) return unreadable('not UTF-8');
  let json: unknown;
  try {
    json = JSON.parse(payload.toString());
  } catch {
    return unreadable('not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return unreadable('not an object');
  const { id, ...rest } = json as Record<string, unknown>;
  if (!isFrameId(id)) return unreadable('no id');
  const kinds = Object.keys(rest);
  const asked = kinds[0];
  if (kinds.length !== 1 || asked === undefined) return unreadable('a frame has exactly one kind');
  const schema = frameSchema(asked);
  if (schema === undefined) return unreadable('unknown kind');
  try {
    return readFrame(id, asked, parseJsonMessage(schema, rest[asked]));
  } catch (error) {
    return refusedFrame(id, asked, error);
  }
}
