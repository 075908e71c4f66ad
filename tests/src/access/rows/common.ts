import { randomUUID } from 'node:crypto';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';

/** What concerns nobody but the caller: everybody who is signed in may, about themselves. */
export const ANY_USER = { party: 'ok', another: 'ok' } as const;

export const PASSWORD = 'correct horse battery';

export const text = (value: string) => ({ kind: { case: 'text', value: { text: value } } }) as const;

/** A clientMsgId that names something new. */
export const named = () => `named-${randomUUID()}`;

export const device = () => ({ deviceId: randomUUID(), platform: Platform_Value.BOT });
