import { isTooSlow, LARGE_ANSWER_BYTES } from '../domain/slow-socket.ts';
import type { Connection } from './connection.ts';
import { bytesOf, noFrames, withFrame } from './joined-frames.ts';

/** Collects what a tick of the event loop brings for each socket and writes it once. */
export interface TickWriter {
  /** Adds a frame. An `answer` was asked for by the client; anything else came unasked. */
  add(connection: Connection, frame: Buffer, reason: 'answer' | 'push'): void;
  /** Writes at once what was collected for a socket, for instance before it is closed. */
  flush(connection: Connection): void;
}

export interface TickWriterOptions {
  /** Bytes that may wait for a client. */
  limit: number;
  onTooSlow: (connection: Connection) => void;
  /** A client has read a large answer. */
  onAnswerRead: (connection: Connection) => void;
  onWritten: (frames: number) => void;
}

export function createTickWriter(options: TickWriterOptions): TickWriter {
  let beginning = noFrames();
  const waiting = new Set<Connection>();
  let scheduled = false;

  function flush(connection: Connection): void {
    waiting.delete(connection);
    const frames = connection.unwritten;
    connection.unwritten = undefined;
    if (frames === undefined || connection.ws.readyState !== connection.ws.OPEN) return;
    connection.socket.write(bytesOf(frames));
    options.onWritten(frames.count);
  }

  /** Large answers are written by themselves, to learn when they have been read. */
  function writeLarge(connection: Connection, frame: Buffer): void {
    flush(connection);
    if (connection.ws.readyState !== connection.ws.OPEN) return;
    connection.answerBytes += frame.length;
    connection.socket.write(frame, () => {
      connection.answerBytes -= frame.length;
      options.onAnswerRead(connection);
    });
    options.onWritten(1);
  }

  function flushAll(): void {
    scheduled = false;
    for (const connection of waiting) flush(connection);
    beginning = noFrames();
  }

  return {
    add(connection, frame, reason) {
      if (reason === 'answer' && frame.length >= LARGE_ANSWER_BYTES) return writeLarge(connection, frame);
      const frames = withFrame(connection.unwritten ?? beginning, frame);
      const unread = {
        bytes: connection.socket.writableLength + frames.length,
        answerBytes: connection.answerBytes,
      };
      if (isTooSlow(unread, options.limit)) return options.onTooSlow(connection);
      connection.unwritten = frames;
      waiting.add(connection);
      if (scheduled) return;
      scheduled = true;
      setImmediate(flushAll);
    },
    flush,
  };
}
