import { create, type DescMessage, toJson } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { ClientFrameSchema, ServerFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import { parseJsonMessage } from '@im/common/rpc/json-message.ts';
import type { Codec, FrameKind, ParsedFrame } from './codec.ts';

/** Characters of a frame's id. */
const MAX_ID_LENGTH = 128;

/** Text frames of proto3 JSON; also spoken with clients that ask for no subprotocol. */
export const jsonCodec: Codec = {
  subprotocol: 'im.v1.json',
  binary: false,
  parse,
  encode: (frame) => JSON.stringify(toJson(ServerFrameSchema, frame, { alwaysEmitImplicit: true })),
};

function parse(payload: Buffer): ParsedFrame {
  let json: unknown;
  try {
    json = JSON.parse(payload.toString());
  } catch {
    return unreadable('not JSON');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return unreadable('not an object');
  const { id, ...rest } = json as Record<string, unknown>;
  if (typeof id !== 'string' || id === '' || id.length > MAX_ID_LENGTH || !id.isWellFormed()) {
    return unreadable('no id');
  }
  const kinds = Object.keys(rest);
  const asked = kinds[0];
  if (kinds.length !== 1 || asked === undefined) return unreadable('a frame has exactly one kind');
  const schema = schemaOf(asked);
  if (schema === undefined) return unreadable('unknown kind');
  try {
    const value = parseJsonMessage(schema, rest[asked]);
    return {
      kind: 'frame',
      frame: create(ClientFrameSchema, { id, frame: { case: asked, value } as never }),
    };
  } catch (error) {
    if (error instanceof ImError) return { kind: 'refused', id, asked: asked as FrameKind, error };
    throw error;
  }
}

function schemaOf(kind: string): DescMessage | undefined {
  const field = Object.hasOwn(ClientFrameSchema.field, kind)
    ? ClientFrameSchema.field[kind as 'id']
    : undefined;
  return field?.oneof === undefined ? undefined : (field as { message?: DescMessage }).message;
}

function unreadable(why: string): ParsedFrame {
  return { kind: 'unreadable', why };
}
