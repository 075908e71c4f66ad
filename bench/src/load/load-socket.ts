import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Person } from '../targets/target.ts';

// biome-ignore lint/suspicious/noExplicitAny: frames are read as they come, cheaply
export type Frame = any;

/** Before what was refused for the moment is tried again. Milliseconds. */
export const AGAIN_MS = 100;

/** A signed-in socket that costs the load process as little as it can. */
export interface LoadSocket {
  readonly uid: string;
  /** Resolves with the answer to the frame. */
  request(frame: Frame): Promise<Frame>;
  onEvent(listener: (event: Frame) => void): void;
  close(): void;
}

/** Opens one and says hello, again as long as the server has too much to do, as clients do. */
export async function openSocket(url: string, person: Person): Promise<LoadSocket> {
  for (;;) {
    try {
      return await open(url, person);
    } catch (error) {
      if (!(error instanceof Refused && error.isPassing)) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

async function open(url: string, person: Person): Promise<LoadSocket> {
  const socket = new WebSocket(url, 'im.v1.json', { perMessageDeflate: false, maxPayload: 64 << 20 });
  const waiting = new Map<string, { resolve: (frame: Frame) => void; reject: (error: Error) => void }>();
  let nextId = 0;
  let listener: ((event: Frame) => void) | undefined;
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString());
    if (frame.replyTo !== undefined) {
      const waiter = waiting.get(frame.replyTo);
      waiting.delete(frame.replyTo);
      if (frame.error) waiter?.reject(new Refused(frame.error));
      else waiter?.resolve(frame);
    } else if (frame.events && listener) {
      for (const event of frame.events.events) listener(event);
    }
  });
  socket.on('close', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`closed with ${code}`));
  });
  await once(socket, 'open');

  const request = (frame: Frame) =>
    new Promise<Frame>((resolve, reject) => {
      nextId += 1;
      const id = String(nextId);
      waiting.set(id, { resolve, reject });
      socket.send(JSON.stringify({ id, ...frame }));
    });
  await request({ hello: { accessToken: person.token } });
  return {
    uid: person.uid,
    request,
    onEvent(take) {
      listener = take;
    },
    close: () => socket.terminate(),
  };
}

/** An answer that is an error. */
export class Refused extends Error {
  /** The server has too much to do, or not all that it needs: the same may be sent again. */
  readonly isPassing: boolean;

  constructor(error: Frame) {
    super(JSON.stringify(error));
    this.isPassing = error.status === 'UNAVAILABLE' || error.status === 'DEADLINE_EXCEEDED';
  }
}

/** Opens many, some at a time, in turn at each of the urls. */
export async function openSockets(
  urls: readonly string[],
  people: readonly Person[],
  atOnce = 50,
): Promise<LoadSocket[]> {
  const sockets: LoadSocket[] = [];
  for (let i = 0; i < people.length; i += atOnce) {
    sockets.push(
      ...(await Promise.all(
        people
          .slice(i, i + atOnce)
          .map((person, offset) => openSocket(urls[(i + offset) % urls.length]!, person)),
      )),
    );
  }
  return sockets;
}
