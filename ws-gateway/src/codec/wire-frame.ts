/** First byte: the final fragment of a text or binary message (RFC 6455, 5.2). */
const TEXT = 0x81;
const BINARY = 0x82;

/** Second byte, where the length follows in 16 or in 64 bits. */
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;

/** A whole unmasked WebSocket frame, as a server sends it, in one buffer. */
export function wireFrame(payload: string | Uint8Array): Buffer {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const headLength = length < LENGTH_IN_16_BITS ? 2 : length < 2 ** 16 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headLength + length);
  frame[0] = typeof payload === 'string' ? TEXT : BINARY;
  if (headLength === 2) {
    frame[1] = length;
  } else if (headLength === 4) {
    frame[1] = LENGTH_IN_16_BITS;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_IN_64_BITS;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  if (typeof payload === 'string') frame.write(payload, headLength);
  else frame.set(payload, headLength);
  return frame;
}
