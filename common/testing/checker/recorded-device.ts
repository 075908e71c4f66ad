import { randomUUID } from 'node:crypto';
import { ApiError } from '../client/api-error.ts';
import { type ConversationCopy, eventOf } from '../client/conversation-copy.ts';
import { createDevice, type DeviceOptions, type ImDevice } from '../client/device.ts';
import type { SocketAnswer } from '../client/socket.ts';
import type {
  ServerFrame,
  WireContent,
  WireEvent,
  WireMessage,
  WireSyncedConversation,
} from '../client/wire.ts';
import type { Displayed, Request, State, Summary } from './history.ts';
import type { Recorder } from './recorder.ts';

/** A device that writes down all that it asks, is answered, sees and shows. */
export interface RecordedDevice {
  readonly name: string;
  readonly uid: string;
  /** For connecting and leaving; what is sent through it directly is not recorded. */
  readonly device: ImDevice;
  /** Rejects when it is refused for good. */
  send(conversationId: string, content: WireContent, clientMsgId?: string): Promise<WireMessage>;
  edit(conversationId: string, seq: number, text: string, clientMsgId?: string): Promise<WireMessage>;
  recall(conversationId: string, seq: number, clientMsgId?: string): Promise<WireMessage>;
  markRead(conversationId: string, seq: number): Promise<void>;
  /** Records what stands on its screen now. */
  recordDisplayed(): void;
  /** Records what it holds of a conversation now; it must be online and have had time. */
  recordHeld(conversationId: string): void;
  /** Records its whole copy. */
  recordState(of: 'copy' | 'fresh'): void;
}

/** A device, offline and empty, that records under `name`. */
export function recordedDevice(recorder: Recorder, name: string, options: DeviceOptions): RecordedDevice {
  const screens = new Map<string, Displayed['lines']>();
  const { uid } = options.signedIn.user;
  const who = { device: name, uid };
  const device = createDevice({
    ...options,
    onEvent(event) {
      show(event);
      options.onEvent?.(event);
    },
    onPush(frame) {
      recordPush(frame);
      options.onPush?.(frame);
    },
    onAnswer(answer) {
      recordAnswer(answer);
      options.onAnswer?.(answer);
    },
  });

  /** A screen believes its device: what is told to it twice stands there twice. */
  function show({ conversationId, seq, message }: WireEvent): void {
    const lines = screens.get(conversationId) ?? [];
    screens.set(conversationId, lines);
    const { senderUid, clientMsgId } = message ?? {};
    lines.push({ seq, ...(message ? { senderUid, clientMsgId } : {}) });
  }

  function saw(by: 'push' | 'sync' | 'history', event: WireEvent): void {
    recorder.record({ entry: 'saw', ...who, by, event });
  }

  function sawConversation(by: 'push' | 'sync', { events, lastMessage }: WireSyncedConversation): void {
    for (const event of events) saw(by, event);
    if (lastMessage) saw(by, eventOf(lastMessage));
  }

  function recordPush(frame: ServerFrame): void {
    for (const event of frame.events?.events ?? []) saw('push', event);
    for (const conversation of frame.changed?.conversations ?? []) sawConversation('push', conversation);
    if (frame.resync) recorder.record({ entry: 'resync', ...who });
    if (frame.readMark) {
      const { conversationId, uid: reader, seq } = frame.readMark;
      recorder.record({ entry: 'sawMark', ...who, conversationId, reader, seq });
    }
  }

  function recordAnswer(answered: SocketAnswer): void {
    switch (answered.kind) {
      case 'hello': {
        const { epoch } = answered.answer;
        recorder.record({ entry: 'welcomed', ...who, epoch });
        // Of another store: the device drops its copy, and its screen goes blank.
        if (device.store.epoch !== undefined && device.store.epoch !== epoch) screens.clear();
        break;
      }
      case 'sync': {
        const { conversations, cursor, more } = answered.answer;
        const served = conversations.map(({ conversationId, headSeq, events }) => ({
          conversationId,
          headSeq,
          seqs: events.map((event) => event.seq),
        }));
        const from = answered.body.cursor;
        recorder.record({ entry: 'synced', ...who, from, to: cursor, more, conversations: served });
        for (const conversation of conversations) sawConversation('sync', conversation);
        break;
      }
      case 'getMessages':
        for (const message of answered.answer.messages) saw('history', eventOf(message));
        for (const event of answered.answer.events) saw('history', event);
        break;
      case 'sendMessage':
      case 'editMessage':
      case 'recallMessage':
      case 'markRead': {
        const { kind, body, answer } = answered;
        const request = { kind, body } as Request;
        recorder.record({ entry: 'answered', ...who, via: 'socket', request, answer });
        break;
      }
    }
  }

  async function ask<Answer>(request: Request, send: () => Promise<Answer>): Promise<Answer> {
    recorder.record({ entry: 'invoked', ...who, via: 'socket', request });
    try {
      return await send();
    } catch (error) {
      if (error instanceof ApiError && !error.momentary) {
        recorder.record({ entry: 'refused', ...who, via: 'socket', request, reason: error.reason });
      }
      throw error;
    }
  }

  return {
    name,
    uid,
    device,
    send(conversationId, content, clientMsgId = randomUUID()) {
      const body = { conversationId, clientMsgId, content };
      return ask({ kind: 'sendMessage', body }, () => device.send(conversationId, content, { clientMsgId }));
    },
    edit(conversationId, seq, text, clientMsgId = randomUUID()) {
      const body = { conversationId, seq, clientMsgId, content: { text: { text } } };
      return ask({ kind: 'editMessage', body }, () => device.edit(conversationId, seq, text, clientMsgId));
    },
    recall(conversationId, seq, clientMsgId = randomUUID()) {
      const body = { conversationId, seq, clientMsgId };
      return ask({ kind: 'recallMessage', body }, () => device.recall(conversationId, seq, clientMsgId));
    },
    async markRead(conversationId, seq) {
      const body = { conversationId, seq };
      await ask({ kind: 'markRead', body }, () => device.markRead(conversationId, seq));
    },
    recordDisplayed() {
      for (const [conversationId, lines] of screens) {
        recorder.record({ entry: 'displayed', ...who, conversationId, lines: [...lines] });
      }
    },
    recordHeld(conversationId) {
      const seqs = device.store
        .conversation(conversationId)
        .events()
        .map((event) => event.seq);
      recorder.record({ entry: 'held', ...who, conversationId, seqs });
    },
    recordState(of) {
      for (const copy of device.store.conversations()) recorder.record({ ...stateOf(copy), of, ...who });
    },
  };
}

function stateOf(copy: ConversationCopy): Omit<State, 'of' | 'device' | 'uid'> {
  const { conversationId } = copy;
  const events = copy.events().filter((event) => !event.message);
  const state = { entry: 'state' as const, conversationId, messages: copy.messages(), events };
  return copy.summary ? { ...state, summary: summaryOf(copy.summary) } : state;
}

function summaryOf({ headSeq, readSeq, unread, peerReadSeq }: Summary): Summary {
  return { headSeq, readSeq, unread, ...(peerReadSeq === undefined ? {} : { peerReadSeq }) };
}
