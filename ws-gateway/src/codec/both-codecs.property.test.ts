import {
  create,
  equals,
  fromBinary,
  fromJsonString,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { ClientFrameSchema, ServerFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import { frameCodec } from '@im/common/testing/client/frame-codec.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonCodec } from './json.ts';
import { protoCodec } from './proto.ts';

const string = fc.string({ unit: 'binary', maxLength: 20 });
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const seq = fc.nat(2 ** 32 - 1);
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0));

const content = fc.oneof(
  fc.record({ text: fc.record({ text: string }) }),
  fc.record({ location: fc.record({ latitude: double, longitude: double }) }),
  fc.record({
    image: fc.record({ url: string, width: seq, size: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String) }),
  }),
  fc.record({
    custom: fc.record({
      type: string,
      data: fc.uint8Array({ maxLength: 9 }).map((b) => Buffer.from(b).toString('base64')),
    }),
  }),
);

/** A frame as JSON clients write it: right in its shape, not always by the rules. */
const clientFrame = fc
  .tuple(
    fc.string({ minLength: 1, maxLength: 128 }),
    fc.oneof(
      fc.record({ ping: fc.constant({}) }),
      fc.record({ hello: fc.record({ accessToken: string }) }),
      fc.record({
        sendMessage: fc.record({
          conversationId: string,
          clientMsgId: string,
          content,
          replyToSeq: optional(seq),
          mentions: optional(fc.record({ uids: fc.array(string, { maxLength: 3 }), all: fc.boolean() })),
        }),
      }),
      fc.record({ markRead: fc.record({ conversationId: string, seq }) }),
      fc.record({ sync: fc.record({ cursor: optional(string), limit: optional(seq) }) }),
      fc.record({ watchPresence: fc.record({ uids: fc.array(string, { maxLength: 4 }) }) }),
    ),
  )
  .map(([id, kind]) => JSON.parse(JSON.stringify({ id, ...kind })) as object);

const bytesOf = (frame: object) => Buffer.from(frameCodec('im.v1.proto').encode(frame));

test('a frame means the same in both', () => {
  fc.assert(
    fc.property(clientFrame, (frame) => {
      const inJson = jsonCodec.parse(Buffer.from(JSON.stringify(frame)));
      const inProto = protoCodec.parse(bytesOf(frame));
      if (inJson.kind !== 'frame' || inProto.kind !== 'frame') throw new Error('both are to be read');
      expect(equals(ClientFrameSchema, inProto.frame, inJson.frame)).toBe(true);
    }),
  );
});

test('any bytes are read, refused or unreadable', () => {
  const kinds = ['frame', 'refused', 'unreadable'];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      for (const { parse } of [jsonCodec, protoCodec])
        expect(kinds).toContain(parse(Buffer.from(bytes)).kind);
    }),
  );
  const place = fc.tuple(fc.nat(), fc.nat(255));
  fc.assert(
    fc.property(clientFrame, fc.array(place, { minLength: 1, maxLength: 4 }), (frame, changes) => {
      const bytes = bytesOf(frame);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      expect(kinds).toContain(protoCodec.parse(bytes).kind);
    }),
    { numRuns: 1_000 },
  );
});

test('an answer says the same in both', () => {
  const answers: MessageInitShape<typeof ServerFrameSchema>[] = [
    { replyTo: '1', frame: { case: 'pong', value: {} } },
    { frame: { case: 'presence', value: { presence: [{ uid: '1', online: true, platforms: [1, 2] }] } } },
    { frame: { case: 'readMark', value: { conversationId: 'g:1', uid: '2', seq: 2 ** 32 - 1 } } },
    { replyTo: 'x', frame: { case: 'error', value: { code: 400, metadata: { field: 'a' } } } },
  ];
  for (const answer of answers) {
    const frame = create(ServerFrameSchema, answer);
    const inJson = fromJsonString(ServerFrameSchema, jsonCodec.encode(frame) as string);
    expect(fromBinary(ServerFrameSchema, protoCodec.encode(frame) as Uint8Array)).toEqual(inJson);
    expect(protoCodec.encode(frame)).toEqual(toBinary(ServerFrameSchema, inJson));
  }
});
