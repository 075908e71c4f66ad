import { realConversationId } from '@im/common/utils/real-conversation-id.ts';
import { takeTyping } from '../domain/typing-rate.ts';
import type { FrameHandler } from './dispatch.ts';

/** Passes typing on, now and then. It is never answered and may be lost. */
export const typing: FrameHandler<'typing'> = (context, connection, _frame, value) => {
  const { uid } = connection.user!;
  const conversationId = realConversationId(value.conversationId, uid);
  if (!takeTyping(connection.typing, conversationId, context.clock())) return;
  context.chat.sendTyping({ uid, conversationId }).catch((error: unknown) => {
    context.log.debug({ err: error }, 'typing was not passed on');
  });
};
