import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { LARGE_ANSWER_BYTES } from '../domain/slow-socket.ts';
import type { Connection } from './connection.ts';
import { createTickWriter } from './tick-writer.ts';

/** A connection as far as the writer looks at it, with the buffers that were written. */
function connection(written: Buffer[] = [], network: { takes: boolean } = { takes: true }) {
  const waiting: (() => void)[] = [];
  const socket = {
    writableLength: 0,
    write(bytes: Buffer, done?: () => void) {
      written.push(bytes);
      if (!network.takes) socket.writableLength += bytes.length;
      if (done !== undefined) waiting.push(done);
    },
  };
  const made = { socket, ws: { readyState: 1, OPEN: 1 }, unwritten: undefined, answerBytes: 0 };
  return {
    connection: made as unknown as Connection,
    written,
    read: () => waiting.splice(0).map((done) => done()),
  };
}

function writer(limit = 1_000) {
  const tooSlow: Connection[] = [];
  const read: Connection[] = [];
  let frames = 0;
  const made = createTickWriter({
    limit,
    onTooSlow: (slow) => tooSlow.push(slow),
    onAnswerRead: (reader) => read.push(reader),
    onWritten: (count) => {
      frames += count;
    },
  });
  return { writer: made, tooSlow, read, frames: () => frames };
}

const [a, b, c] = ['a', 'b', 'c'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

test('what a tick brings for a socket is written once, at its end', async () => {
  const { writer: out, frames } = writer();
  const one = connection();
  for (const frame of [a, b, c]) out.add(one.connection, frame, 'push');
  expect(one.written).toEqual([]);
  await setImmediate();
  expect(one.written.map(String)).toEqual(['abc']);
  expect(frames()).toBe(3);
  out.add(one.connection, a, 'push');
  await setImmediate();
  expect(one.written.map(String)).toEqual(['abc', 'a']);
});

test('sockets that get the same frames share one buffer', async () => {
  const { writer: out } = writer();
  const members = Array.from({ length: 3 }, () => connection());
  const other = connection();
  for (const frame of [a, b]) for (const member of members) out.add(member.connection, frame, 'push');
  out.add(other.connection, b, 'push');
  await setImmediate();
  for (const member of members) expect(member.written[0]).toBe(members[0]!.written[0]);
  expect(other.written).toEqual([b]);
});

test('frames keep their order, large answers among them too', async () => {
  const { writer: out } = writer();
  const one = connection();
  out.add(one.connection, a, 'push');
  out.add(one.connection, Buffer.alloc(LARGE_ANSWER_BYTES, 'x'), 'answer');
  out.add(one.connection, b, 'answer');
  await setImmediate();
  expect(one.written.map((bytes) => String(bytes[0]))).toEqual([97, 120, 98].map(String));
});

test('a reader with too much unread is reported, and gets nothing more', async () => {
  const { writer: out, tooSlow } = writer(2);
  const slow = connection([], { takes: false });
  out.add(slow.connection, a, 'push');
  out.add(slow.connection, b, 'push');
  await setImmediate();
  expect(tooSlow).toEqual([]);
  out.add(slow.connection, c, 'push');
  expect(tooSlow).toEqual([slow.connection]);
  await setImmediate();
  expect(slow.written.map(String)).toEqual(['ab']);
});

test('a large answer does not make a reader slow, and it is told when it was read', async () => {
  const { writer: out, tooSlow, read } = writer(10);
  const one = connection([], { takes: false });
  out.add(one.connection, Buffer.alloc(LARGE_ANSWER_BYTES), 'answer');
  out.add(one.connection, a, 'push');
  await setImmediate();
  expect(tooSlow).toEqual([]);
  expect(one.connection.answerBytes).toBe(LARGE_ANSWER_BYTES);
  one.read();
  expect(one.connection.answerBytes).toBe(0);
  expect(read).toEqual([one.connection]);
});

test('nothing is written to a socket that is closing', async () => {
  const { writer: out } = writer();
  const one = connection();
  out.add(one.connection, a, 'push');
  Object.assign(one.connection.ws, { readyState: 2 });
  await setImmediate();
  expect(one.written).toEqual([]);
});
