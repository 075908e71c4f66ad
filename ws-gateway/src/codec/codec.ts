import { create, type DescMessage, type Message } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { type ClientFrame, ClientFrameSchema, type ServerFrame } from '@im/common/gen/im/ws/v1/frames_pb.ts';

/** What a client frame asks for, by the name of its field. */
export type FrameKind = NonNullable<ClientFrame['frame']['case']>;

/** What became of the bytes of a client frame. */
export type ParsedFrame =
  | { readonly kind: 'frame'; readonly frame: ClientFrame }
  /** A known frame with a bad field: answered with an error. */
  | { readonly kind: 'refused'; readonly id: string; readonly asked: FrameKind; readonly error: ImError }
  /** Nothing that could be answered; `why` goes into the close frame. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** Whether a client may name its frame so. */
export function isFrameId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.isWellFormed();
}

/** The schema of a kind of client frame, by the name of its field; undefined for what is none. */
export function frameSchema(kind: string): DescMessage | undefined {
  const field = Object.hasOwn(ClientFrameSchema.field, kind)
    ? ClientFrameSchema.field[kind as FrameKind]
    : undefined;
  return field?.oneof === undefined ? undefined : field.message;
}

/** A frame of a known kind that has been read. */
export function readFrame(id: string, kind: string, value: Message): ParsedFrame {
  return {
    kind: 'frame',
    frame: create(ClientFrameSchema, { id, frame: { case: kind, value } as never }),
  };
}

/** What becomes of a frame of a known kind that is not as its contract says. Throws anything but an ImError. */
export function refusedFrame(id: string, kind: string, error: unknown): ParsedFrame {
  if (error instanceof ImError) return { kind: 'refused', id, asked: kind as FrameKind, error };
  throw error;
}

export function unreadable(why: string): ParsedFrame {
  return { kind: 'unreadable', why };
}

/** How frames are written on the wire, by subprotocol. The rest of the gateway sees messages only. */
export interface Codec {
  readonly subprotocol: string;
  /** Whether its frames are binary WebSocket frames. */
  readonly binary: boolean;
  /** Reads a frame's shape; rules of `buf.validate` are checked afterwards. */
  parse(payload: Buffer): ParsedFrame;
  encode(frame: ServerFrame): string | Uint8Array;
}
