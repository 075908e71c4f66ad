import { Metadata as GrpcMetadata } from 'nice-grpc';
import type { Metadata } from '../metadata.ts';

/** What a header carries unchanged: printable ASCII without spaces at its ends. */
const PLAIN = /^(?:[!-~](?:[ -~]*[!-~])?)?$/;
/** gRPC's ending of keys whose values are bytes. */
const BYTES = '-bin';

/** Metadata for the wire; what no header can hold travels as UTF-8 bytes under `<key>-bin`. */
export function toGrpcMetadata(metadata: Metadata): GrpcMetadata {
  const onWire = new GrpcMetadata();
  for (const [key, value] of Object.entries(metadata)) {
    if (PLAIN.test(value)) onWire.set(key, value);
    else onWire.set(`${key}${BYTES}`, Buffer.from(value));
  }
  return onWire;
}

/** What came over the wire, gRPC's own headers included. */
export function fromGrpcMetadata(onWire: GrpcMetadata): Metadata {
  const metadata: Record<string, string> = {};
  for (const [key, [value]] of onWire) {
    if (typeof value === 'string') metadata[key] = value;
    else if (value !== undefined) metadata[key.slice(0, -BYTES.length)] = Buffer.from(value).toString();
  }
  return metadata;
}
