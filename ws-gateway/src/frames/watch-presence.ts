import { answer } from './answer.ts';
import type { FrameHandler } from './dispatch.ts';

export const watchPresence: FrameHandler<'watchPresence'> = (context, connection, { id }) => {
  answer(context, connection, id, { case: 'presence', value: { presence: [] } });
};
