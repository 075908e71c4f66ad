import { fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { ClientFrameSchema, ServerFrameSchema } from '../../gen/im/ws/v1/frames_pb.ts';

/** The subprotocols of the socket. */
export const PROTOCOLS = ['im.v1.json', 'im.v1.proto'] as const;
export type SocketProtocol = (typeof PROTOCOLS)[number];

/** Frames as JSON shows them, and how they go over the wire. */
export interface FrameCodec {
  encode(frame: object): string | Uint8Array;
  decode(data: Buffer): Record<string, unknown>;
}

/** The client's side of a subprotocol; JSON for any that is not known. */
export function frameCodec(protocol: string): FrameCodec {
  return protocol === 'im.v1.proto' ? PROTO : JSON_TEXT;
}

const JSON_TEXT: FrameCodec = {
  encode: (frame) => JSON.stringify(frame),
  decode: (data) => JSON.parse(data.toString()),
};

const PROTO: FrameCodec = {
  encode: (frame) => toBinary(ClientFrameSchema, fromJson(ClientFrameSchema, frame as JsonValue)),
  decode: (data) =>
    toJson(ServerFrameSchema, fromBinary(ServerFrameSchema, data), { alwaysEmitImplicit: true }) as Record<
      string,
      unknown
    >,
};
