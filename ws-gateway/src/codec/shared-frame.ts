import type { ServerFrame } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import type { Codec } from './codec.ts';
import { wireFrame } from './wire-frame.ts';

/** A frame for many sockets, encoded once for each codec that any of them speaks. */
export interface SharedFrame {
  bytesFor(codec: Codec): Buffer;
}

export function sharedFrame(frame: ServerFrame): SharedFrame {
  // There are two codecs at most, so a list is searched faster than a map.
  const encoded: { codec: Codec; bytes: Buffer }[] = [];
  return {
    bytesFor(codec) {
      const known = encoded.find((entry) => entry.codec === codec);
      if (known !== undefined) return known.bytes;
      const bytes = wireFrame(codec.encode(frame));
      encoded.push({ codec, bytes });
      return bytes;
    },
  };
}
