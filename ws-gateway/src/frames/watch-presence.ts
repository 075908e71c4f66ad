import { letOut, takeIn } from '../connection/backlog.ts';
import { answer, answerError } from './answer.ts';
import { callOptions } from './call-options.ts';
import type { FrameHandler } from './dispatch.ts';

/** Has the socket told who of these people comes and goes, in place of those of before; chat-service says who may be. */
export const watchPresence: FrameHandler<'watchPresence'> = (context, connection, frame, { uids }) => {
  const turn = context.presence.nextTurn();
  takeIn(connection, frame.bytes);
  connection.requests.run(async () => {
    try {
      if (connection.state === 'closed') return;
      const options = callOptions(context, connection, frame);
      const allowed = uids.length === 0 ? [] : (await context.chat.queryPresence({ uids }, options)).presence;
      // Both in one turn, so that no change goes out before the answer that it follows.
      const presence = context.presence.watch(connection, turn, uids, allowed);
      answer(context, connection, frame.id, { case: 'presence', value: { presence } });
    } catch (error) {
      answerError(context, connection, frame, error);
    } finally {
      letOut(connection, frame.bytes);
    }
  });
};
