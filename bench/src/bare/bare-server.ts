import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A message on its way through a bare server, before it has a seq. */
export interface BareMessage {
  readonly socket: WebSocket;
  readonly id: string;
  readonly conversationId: string;
  readonly senderUid: string;
  readonly clientMsgId: string;
  readonly text: string;
}

/** Stores what a tick brought and returns the seq of each, in order. */
export type Store = (messages: readonly BareMessage[]) => number[];

/**
 * The limit that the product is measured against: `ws` alone, with the same
 * frames on the wire, but without accounts, access checks, dedupe or reads. A
 * tick's messages are stored together, and what a tick has for a socket is
 * written once. Prints its port; `/usage` tells its CPU seconds and memory.
 */
export function serveBare(store: Store): void {
  const byUid = new Map<string, Set<WebSocket>>();
  const members = new Map<string, readonly string[]>();
  let waiting: BareMessage[] = [];

  const http = createServer((request, response) => {
    if (request.url === '/usage') {
      const { user, system } = process.cpuUsage();
      response.end(
        JSON.stringify({ cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() }),
      );
      return;
    }
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { conversationId, uids } = JSON.parse(body);
      members.set(conversationId, uids);
      response.end('{}');
    });
  });
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });

  sockets.on('connection', (socket) => {
    let uid = '';
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString());
      if (frame.hello) {
        uid = frame.hello.accessToken;
        byUid.set(uid, (byUid.get(uid) ?? new Set()).add(socket));
        socket.send(JSON.stringify({ replyTo: frame.id, welcome: { uid } }));
        return;
      }
      const { conversationId, clientMsgId, content } = frame.sendMessage;
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({
        socket,
        id: frame.id,
        conversationId,
        senderUid: uid,
        clientMsgId,
        text: content.text.text,
      });
    });
    socket.on('close', () => byUid.get(uid)?.delete(socket));
  });

  function flush(): void {
    const messages = waiting;
    waiting = [];
    const seqs = store(messages);
    const at = new Date().toISOString();
    const writes = new Map<WebSocket, string[]>();
    const add = (socket: WebSocket, frame: string) => {
      const frames = writes.get(socket);
      if (frames) frames.push(frame);
      else writes.set(socket, [frame]);
    };
    messages.forEach((message, i) => {
      const { conversationId, senderUid, clientMsgId, text } = message;
      const shown = {
        conversationId,
        seq: seqs[i],
        senderUid,
        clientMsgId,
        sentAt: at,
        content: { text: { text } },
      };
      add(message.socket, JSON.stringify({ replyTo: message.id, sendMessage: { message: shown } }));
      const event = JSON.stringify({
        events: { events: [{ conversationId, seq: seqs[i], at, message: shown }] },
      });
      for (const recipient of recipientsOf(conversationId)) {
        for (const socket of byUid.get(recipient) ?? []) if (socket !== message.socket) add(socket, event);
      }
    });
    for (const [socket, frames] of writes) {
      // One write for all frames of the tick.
      const raw = (socket as unknown as { _socket: { cork(): void; uncork(): void } })._socket;
      raw?.cork();
      for (const frame of frames) socket.send(frame);
      raw?.uncork();
    }
  }

  function recipientsOf(conversationId: string): readonly string[] {
    return members.get(conversationId) ?? conversationId.split(':').slice(1);
  }

  http.listen(0, '127.0.0.1', () => process.stdout.write(`${(http.address() as AddressInfo).port}\n`));
}
