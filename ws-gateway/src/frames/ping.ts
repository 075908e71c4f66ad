import { answer } from './answer.ts';
import type { FrameHandler } from './dispatch.ts';

export const ping: FrameHandler<'ping'> = (context, connection, { id }) => {
  answer(context, connection, id, { case: 'pong', value: {} });
};
