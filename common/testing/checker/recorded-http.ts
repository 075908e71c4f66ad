import { backoffMs, delay } from '../../utils/wait.ts';
import { ApiError, ConnectionLost } from '../client/api-error.ts';
import type { ImClient } from '../client/http.ts';
import type { WireMessage } from '../client/wire.ts';
import type { Answered, Request } from './history.ts';
import type { Recorder } from './recorder.ts';

/** Milliseconds after which a request that is never answered is given up. */
const PATIENCE_MS = 180_000;
/** Between two attempts. */
const PAUSE = { firstMs: 50, mostMs: 1_000 };

/** A client that asks over HTTP, again under the same name until it is answered, and writes it all down. */
export interface RecordedHttp {
  readonly name: string;
  /** Gives the message that was answered, nothing for a read mark. Rejects when it is refused for good. */
  ask(request: Request): Promise<WireMessage | undefined>;
}

export interface RecordedHttpOptions {
  /** Unique in the history. */
  name: string;
  uid: string;
  /** A client that speaks for the user now; tokens run out. */
  client: () => Promise<ImClient>;
}

export function recordedHttp(recorder: Recorder, { name, uid, client }: RecordedHttpOptions): RecordedHttp {
  async function attempt(request: Request): Promise<Answered['answer']> {
    const { method, path, body } = callOf(request);
    return (await client()).call<Answered['answer']>(method, path, body);
  }

  return {
    name,
    async ask(request) {
      const asked = { device: name, uid, via: 'http', request } as const;
      recorder.record({ entry: 'invoked', ...asked });
      const giveUpAt = performance.now() + PATIENCE_MS;
      for (let attempts = 0; ; attempts++) {
        try {
          const answer = await attempt(request);
          recorder.record({ entry: 'answered', ...asked, answer });
          return 'message' in answer ? answer.message : undefined;
        } catch (error) {
          const passing = error instanceof ConnectionLost || (error instanceof ApiError && error.momentary);
          if (!passing && error instanceof ApiError) {
            recorder.record({ entry: 'refused', ...asked, reason: error.reason });
          }
          if (!passing || performance.now() > giveUpAt) throw error;
          await delay(backoffMs(attempts, PAUSE));
        }
      }
    },
  };
}

function callOf({ kind, body: asked }: Request): { method: string; path: string; body: unknown } {
  const messages = `/v1/conversations/${asked.conversationId}/messages`;
  switch (kind) {
    case 'sendMessage': {
      const { conversationId: _, ...body } = asked;
      return { method: 'POST', path: messages, body };
    }
    case 'editMessage': {
      const { clientMsgId, content } = asked;
      return { method: 'PATCH', path: `${messages}/${asked.seq}`, body: { clientMsgId, content } };
    }
    case 'recallMessage': {
      const { clientMsgId } = asked;
      return { method: 'POST', path: `${messages}/${asked.seq}/recall`, body: { clientMsgId } };
    }
    case 'markRead':
      return {
        method: 'POST',
        path: `/v1/conversations/${asked.conversationId}/read`,
        body: { seq: asked.seq },
      };
  }
}
