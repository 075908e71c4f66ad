import { create, type DescMessage } from '@bufbuild/protobuf';
import { toErrorBody } from '@im/common/errors/error-body.ts';
import { ImError, type Reason } from '@im/common/errors/im-error.ts';
import {
  ChatService,
  type MarkReadRequest,
  type QueryPresenceRequest,
  type SendItem,
  SendItemSchema,
  SendResultSchema,
  type SendTypingRequest,
  type SyncRequest,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { bindRpc, type RpcHandlers } from '@im/common/rpc/types.ts';
import { createMessageValidator } from '@im/common/rpc/validation.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import { z } from 'zod';
import type { PresenceInit } from '../presence/presence-watch.ts';
import { createQueue } from './queue.ts';

/** What becomes of an item: stored, refused with a reason, or no answer at all. */
export type ItemOutcome = 'stored' | 'nothing' | Reason;

/**
 * Chat-service as its contract has it, without a store: for what the real one
 * does only when something is broken (streams that end, answers that do not come).
 */
export interface ChatStandIn {
  readonly module: AnyModule;
  epoch: string;
  /** Decides about each item; `stored` unless a test says otherwise. */
  onItem: (item: SendItem) => ItemOutcome | Promise<ItemOutcome>;
  /** Every item that came, in order, repeated ones too. */
  readonly items: SendItem[];
  /** The items of each message of the stream. */
  readonly batches: SendItem[][];
  /** What was stored, in order, each once: `conversation clientMsgId`. */
  readonly stored: string[];
  readonly typing: SendTypingRequest[];
  /** Answers markRead when resolved. */
  onMarkRead: (request: MarkReadRequest, uid: string) => Promise<{ readSeq: number; unread: number }>;
  onSync: (request: SyncRequest, uid: string) => Promise<{ cursor: string }>;
  /** Answers queryPresence; nobody may be watched unless a test says otherwise. */
  onQueryPresence: (uids: string[], uid: string) => Promise<PresenceInit[]>;
  /** New streams fail. */
  isAway: boolean;
  /** Breaks all open streams. */
  breakStreams(): void;
  readonly openStreams: number;
}

export function createChatStandIn(): ChatStandIn {
  const streams = new Set<() => void>();
  const seqs = new Map<string, Map<string, number>>();
  const validate = createMessageValidator();
  const standIn: ChatStandIn = {
    module: {
      name: 'chat-service',
      config: z.strictObject({}),
      create: async () => ({ rpc: [bindRpc(ChatService, handlers)], stop: async () => {} }),
    },
    epoch: 'epoch-1',
    onItem: () => 'stored',
    items: [],
    batches: [],
    stored: [],
    typing: [],
    onMarkRead: async ({ seq }) => ({ readSeq: seq, unread: 0 }),
    onSync: async () => ({ cursor: 'cursor' }),
    onQueryPresence: async () => [],
    isAway: false,
    breakStreams() {
      for (const end of streams) end();
    },
    get openStreams() {
      return streams.size;
    },
  };

  function store({ uid, request }: SendItem) {
    const { conversationId, clientMsgId } = request.value!;
    const known = seqs.get(conversationId) ?? new Map<string, number>();
    seqs.set(conversationId, known);
    if (!known.has(clientMsgId)) {
      known.set(clientMsgId, known.size + 1);
      standIn.stored.push(`${conversationId} ${clientMsgId}`);
    }
    return { conversationId, clientMsgId, senderUid: uid, seq: known.get(clientMsgId)! };
  }

  const handlers: RpcHandlers<typeof ChatService> = {
    ...notServed(),
    getStore: async () => ({ epoch: standIn.epoch }),
    listLargeGroups: async () => ({ epoch: standIn.epoch, groups: [] }),
    async sendTyping(request: SendTypingRequest) {
      standIn.typing.push(request);
      return {};
    },
    markRead: (request: MarkReadRequest, ctx: CallContext) =>
      standIn.onMarkRead(request, callerUser(ctx).uid),
    queryPresence: async ({ uids }: QueryPresenceRequest, ctx: CallContext) => ({
      presence: await standIn.onQueryPresence(uids, callerUser(ctx).uid),
    }),
    sync: (request: SyncRequest, ctx: CallContext) => standIn.onSync(request, callerUser(ctx).uid),
    async *sendStream(requests) {
      if (standIn.isAway) throw new ImError('SERVICE_AWAY', 'as the test wants it');
      const results = createQueue<{ results: ReturnType<typeof resultOf>[] }>();
      const end = () => results.fail(new ImError('SERVICE_AWAY', 'broken by the test'));
      streams.add(end);
      const read = async () => {
        for await (const { items } of requests) {
          if (items.length === 0) {
            results.push({ results: [] });
            continue;
          }
          standIn.batches.push(items);
          for (const item of items) {
            const refusal = refusalOf(item);
            if (refusal) {
              results.push({ results: [refusal] });
              continue;
            }
            standIn.items.push(item);
            // Not awaited: a slow item does not keep the others.
            void Promise.resolve(standIn.onItem(item)).then((outcome) => {
              if (outcome !== 'nothing') results.push({ results: [resultOf(item, outcome)] });
            });
          }
        }
      };
      read().then(results.end, results.fail);
      try {
        yield* results;
      } finally {
        streams.delete(end);
      }
    },
  };

  /** As chat-service does, each item is held against its rules. */
  function refusalOf({ itemId, requestId, request }: SendItem) {
    try {
      validate(SendItemSchema.field[request.case!].message as DescMessage, request.value!);
      return undefined;
    } catch (error) {
      return create(SendResultSchema, {
        itemId,
        result: { case: 'error', value: toErrorBody(error, requestId) },
      });
    }
  }

  function resultOf(item: SendItem, outcome: Exclude<ItemOutcome, 'nothing'>) {
    const { itemId, requestId } = item;
    if (outcome === 'stored') {
      return create(SendResultSchema, { itemId, result: { case: 'message', value: store(item) } });
    }
    const value = toErrorBody(new ImError(outcome, 'as the test wants it'), requestId);
    return create(SendResultSchema, { itemId, result: { case: 'error', value } });
  }

  return standIn;
}

function notServed(): RpcHandlers<typeof ChatService> {
  const refuse = async () => {
    throw new ImError('NOT_IMPLEMENTED', 'not part of this test');
  };
  const handlers = Object.fromEntries(ChatService.methods.map(({ localName }) => [localName, refuse]));
  return handlers as unknown as RpcHandlers<typeof ChatService>;
}
