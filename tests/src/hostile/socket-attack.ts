import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { frameCodec, PROTOCOLS, type SocketProtocol } from '@im/common/testing/client/frame-codec.ts';
import { WebSocket } from 'ws';
import type { Random } from '../crash/random.ts';
import { mutatedBytes, mutatedJson, mutatedText } from './mutate.ts';
import { randomBytes } from './odd-values.ts';
import { sampleContent } from './requests.ts';
import type { Scene } from './scene.ts';
import type { Tally } from './tally.ts';

/** What the public interface names for what a frame may do, and what RFC 6455 has for broken framing and text. */
const CLOSE_CODES = [1002, 1007, 1009, 4000, 4001, 4008, 4029];
/** Above the limit of a frame, in bytes. */
const TOO_LARGE = 1_048_577;
/** Far above what an answer may take, in milliseconds. */
const PATIENCE_MS = 20_000;
/** How long the server is left to refuse what stands on the wire, in milliseconds. */
const REST_MS = 50;
/** Characters of an input that a violation shows. */
const SHOWN = 300;

/** One client that sends hostile frames, one after the other, and connects again when it is thrown out. */
export interface SocketAttack {
  attack(random: Random): Promise<void>;
  close(): Promise<void>;
}

export function createSocketAttack(scene: Scene, tally: Tally, protocol: SocketProtocol): SocketAttack {
  const codec = frameCodec(protocol);
  let ws: WebSocket | undefined;
  let last = '';
  let pings = 0;
  let awaited = '';
  let wake = () => {};
  let isCutByUs = false;

  async function open(): Promise<WebSocket> {
    const socket = new WebSocket(scene.product.server.wsUrl, protocol, { perMessageDeflate: false });
    socket.on('message', (data) => {
      const frame = codec.decode(data as Buffer);
      if (frame.replyTo === awaited) return wake();
      if (frame.error) return tally.error('socket', frame.error, last);
      const kind = Object.keys(frame).find((name) => name !== 'replyTo');
      tally.count(frame.replyTo === undefined ? 'socket push' : `socket ${kind}`);
    });
    socket.on('close', (code) => {
      if (socket !== ws) return;
      ws = undefined;
      if (isCutByUs && code === 1006) tally.count('socket cut while waiting for the rest of a frame');
      else if (CLOSE_CODES.includes(code)) tally.count(`socket closed ${code}`);
      else tally.violation(`socket closed with ${code}; input: ${last}`);
      wake();
    });
    socket.on('error', () => {});
    await once(socket, 'open');
    isCutByUs = false;
    return socket;
  }

  /** Resolves when what `send` sends is answered under `awaited`, or the connection is closed. */
  async function until(id: string, send: () => void): Promise<void> {
    awaited = id;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => {
        tally.violation(`neither answer nor close; input: ${last}`);
        ws?.terminate();
        resolve();
      }, PATIENCE_MS);
      wake = () => {
        clearTimeout(late);
        resolve();
      };
      send();
    });
  }

  function sendHostile(random: Random, socket: WebSocket): void {
    if (random.chance(0.02)) {
      const bytes = randomBytes(random, 2 + random.below(40));
      last = `on the wire ${bytes.toString('hex')}`;
      // Past the library, which frames what it sends.
      (socket as unknown as { _socket: { write(data: Buffer): void } })._socket.write(bytes);
      // What looks like the head of a long frame would wait for the rest.
      setTimeout(() => {
        isCutByUs = socket === ws;
        socket.terminate();
      }, REST_MS).unref();
      return;
    }
    const bytes = hostileFrame(random, scene, protocol);
    last = `${protocol} ${bytes.toString(protocol === 'im.v1.json' ? 'utf8' : 'hex', 0, SHOWN)}`;
    const binary = (protocol === 'im.v1.proto') !== random.chance(0.02);
    socket.send(bytes, { binary });
  }

  return {
    async attack(random) {
      if (!ws) {
        ws = await open();
        const isStranger = random.chance(0.1);
        if (!isStranger) {
          const hello = { id: 'hello', hello: { accessToken: scene.bob.token } };
          await until('hello', () => ws!.send(codec.encode(hello)));
        }
      }
      const socket = ws;
      if (!socket) return tally.violation(`hello was not answered; before: ${last}`);
      const id = `pong-${++pings}`;
      await until(id, () => {
        sendHostile(random, socket);
        socket.send(codec.encode({ id, ping: {} }), () => {});
      });
    },
    async close() {
      const socket = ws;
      ws = undefined;
      if (!socket) return;
      socket.close();
      if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
    },
  };
}

function hostileFrame(random: Random, scene: Scene, protocol: SocketProtocol): Buffer {
  if (random.chance(0.003)) return Buffer.alloc(TOO_LARGE, random.pick(['a', '[', '\n']));
  const frame = sampleFrame(random, scene);
  if (protocol === 'im.v1.json') {
    // The envelope stays whole in most, so that what is inside is looked at.
    const { id, ...rest } = frame;
    const [kind, body] = Object.entries(rest)[0]!;
    return random.chance(0.3)
      ? mutatedText(random, frame)
      : Buffer.from(JSON.stringify({ id, [kind]: mutatedJson(random, body) }));
  }
  const { encode } = frameCodec(protocol);
  const whole = Buffer.from(encode(frame));
  if (random.chance(0.4)) return mutatedBytes(random, whole);
  try {
    return Buffer.from(encode(mutatedJson(random, frame) as object));
  } catch {
    // The protocol cannot say it: a byte or two is spoilt instead, behind the id.
    const spoilt = Buffer.from(whole);
    for (let i = 0; i <= random.below(3); i++) spoilt[random.below(spoilt.length)] = random.below(256);
    return spoilt;
  }
}

/** A frame that could be served, of every kind. */
function sampleFrame(random: Random, scene: Scene): Record<string, unknown> {
  const conversationId = random.pick([scene.conversationId, `u:${scene.ann.uid}`, `g:${scene.groupId}`]);
  const seq = 1 + random.below(50);
  const clientMsgId = randomUUID();
  const body = random.pick<Record<string, object>>([
    { hello: { accessToken: scene.bob.token } },
    { renew: { accessToken: scene.bob.token } },
    { ping: {} },
    {
      sendMessage: {
        conversationId,
        clientMsgId,
        content: sampleContent(random, scene),
        replyToSeq: seq,
        mentions: { uids: [scene.ann.uid], all: true },
      },
    },
    { editMessage: { conversationId, seq, clientMsgId, content: { text: { text: 'edited' } } } },
    { recallMessage: { conversationId, seq, clientMsgId } },
    { markRead: { conversationId, seq } },
    { getMessages: { conversationId, fromSeq: seq, toSeq: seq + 10, limit: 5 } },
    { sync: { cursor: 'x', limit: 10 } },
    { typing: { conversationId } },
    { watchPresence: { uids: [scene.ann.uid] } },
  ]);
  return { id: `h${random.below(1_000)}`, ...body };
}

/** One attacker for each protocol. */
export function createSocketAttacks(scene: Scene, tally: Tally): SocketAttack[] {
  return PROTOCOLS.map((protocol) => createSocketAttack(scene, tally, protocol));
}
