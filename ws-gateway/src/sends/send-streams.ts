import type { InstanceList } from '@im/common/registry/registry.ts';
import { preferredInstances, routeOf } from '@im/common/rpc/conversation-route.ts';
import type { Send } from './send.ts';
import { createSendStream, type SendStream, type SendStreamOptions } from './send-stream.ts';

/** An instance that answers nothing for so long has its sends go to the next one, if there is one. Milliseconds. */
const SILENT_MS = 1_000;
const LOOK_EVERY_MS = 200;

/**
 * One stream to each instance of chat-service. A conversation's sends go to the
 * instance that its partition prefers, as long as that one answers. When a
 * stream breaks, what is unanswered on it goes again, in order, to the next
 * instance: chat-service knows a repeated send by its clientMsgId. What newer
 * sends there are to the same conversation from the same socket wait for it.
 */
export interface SendStreams {
  /** Opens the streams; what was submitted before goes first. */
  start(): void;
  /** Sends a group; its members are in order. */
  submit(group: readonly Send[]): void;
  /** A send is owed no longer; its result is dropped should it come. */
  forget(send: Send): void;
  /** A send was not answered in time: a stream that has been dumb ever since it was written is given up. */
  overdue(send: Send): void;
  close(): Promise<void>;
}

export interface SendStreamsOptions extends Pick<SendStreamOptions, 'chat' | 'clock' | 'log' | 'onResult'> {
  /** Of chat-service. */
  instances: InstanceList;
}

export function createSendStreams(options: SendStreamsOptions): SendStreams {
  const { instances, clock, log } = options;
  const streams = new Map<string, SendStream>();
  const leaving = new Set<SendStream>();
  /** Groups that wait until an instance is good, the oldest first. */
  let parked: (readonly Send[])[] = [];
  let preferences = new Map<string, readonly string[]>();
  let started = false;
  let closed = false;
  let look: NodeJS.Timeout | undefined;
  let endFollowing = () => {};

  function follow(): void {
    const live = instances.current().flatMap(({ bootId }) => (bootId === undefined ? [] : [bootId]));
    preferences = new Map();
    for (const instance of live) if (!streams.has(instance)) streams.set(instance, open(instance));
    for (const [instance, stream] of streams) {
      if (live.includes(instance)) continue;
      streams.delete(instance);
      leaving.add(stream);
      void stream.leave().then(() => leaving.delete(stream));
    }
  }

  function open(instance: string): SendStream {
    return createSendStream({
      ...options,
      instance,
      onGood: submitParked,
      onBroken(groups) {
        for (const group of groups) {
          for (const send of group) send.stream = undefined;
          route(group);
        }
      },
    });
  }

  function submitParked(): void {
    const groups = parked;
    parked = [];
    for (const group of groups) route(group.filter(({ isOwed }) => isOwed));
  }

  function route(group: readonly Send[]): void {
    const [first] = group;
    if (first === undefined) return;
    const stream = streamFor(first.conversationId);
    if (stream === undefined) {
      parked.push(group);
      return;
    }
    for (const send of group) send.stream = stream;
    stream.submit(group);
  }

  function streamFor(conversationId: string): SendStream | undefined {
    for (const instance of preferenceOf(routeOf(conversationId))) {
      const stream = streams.get(instance);
      if (stream?.isGood) return stream;
    }
    return undefined;
  }

  function preferenceOf(key: string): readonly string[] {
    const known = preferences.get(key);
    if (known !== undefined) return known;
    const order = preferredInstances(key, instances.current()).flatMap(({ bootId }) => bootId ?? []);
    preferences.set(key, order);
    return order;
  }

  function lookRound(): void {
    parked = parked.filter((group) => group.some(({ isOwed }) => isOwed));
    giveUpSilent();
  }

  function giveUpSilent(): void {
    const now = clock();
    for (const stream of [...streams.values(), ...leaving]) {
      const since = stream.silentSince();
      const another = [...streams.values()].some((other) => other !== stream && other.isGood);
      if (since === undefined || now - since < SILENT_MS || !another) continue;
      log.warn('an instance of chat-service answers nothing; its sends go to another');
      stream.giveUp();
    }
  }

  return {
    start() {
      started = true;
      endFollowing = instances.onChange(follow);
      follow();
      look = setInterval(lookRound, LOOK_EVERY_MS);
    },
    submit(group) {
      if (started) route(group);
      else parked.push(group);
    },
    forget(send) {
      send.isOwed = false;
      send.stream?.forget(send);
      send.stream = undefined;
    },
    overdue({ stream, writtenAt }) {
      const since = stream?.silentSince();
      if (since !== undefined && writtenAt !== undefined && since <= writtenAt) stream!.giveUp();
    },
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(look);
      endFollowing();
      await Promise.all([...streams.values(), ...leaving].map((stream) => stream.close()));
    },
  };
}
