// The largest uid or group id: 53 bits, so that it is exact as a JavaScript number too.
const MAX_ID = 2 ** 53 - 1;
// The system as a party of direct conversations; nobody's uid.
const SYSTEM_UID = '0';
const DECIMAL = /^[1-9][0-9]{0,15}$/;

export type ConversationId =
  | { readonly kind: 'direct'; readonly lower: string; readonly higher: string }
  | { readonly kind: 'group'; readonly groupId: string }
  | { readonly kind: 'notice'; readonly uid: string }
  | { readonly kind: 'userAlias'; readonly uid: string };

/** Whether the text is a uid or group id as the contract writes it: a positive 53-bit integer without leading zeros. */
export function isDecimalId(text: string): boolean {
  return DECIMAL.test(text) && Number(text) <= MAX_ID;
}

/** The id of the direct conversation of two people, in whichever order they are given; uid "0" is the system. */
export function directConversationId(a: string, b: string): string {
  return Number(a) < Number(b) ? `s:${a}:${b}` : `s:${b}:${a}`;
}

/** The id of a user's own notices. */
export function noticeConversationId(uid: string): string {
  return `n:${uid}`;
}

/** The id of a group's conversation. */
export function groupConversationId(groupId: string): string {
  return `g:${groupId}`;
}

/** What an id names, or undefined when it is not written in its one canonical way. `u:<uid>` is the alias. */
export function parseConversationId(id: string): ConversationId | undefined {
  if (id[1] !== ':') return undefined;
  if (id[0] === 's') {
    const second = id.indexOf(':', 2);
    const [lower, higher] = [id.slice(2, second), id.slice(second + 1)];
    if (second === -1 || (lower !== SYSTEM_UID && !isDecimalId(lower))) return undefined;
    if (!isDecimalId(higher) || Number(lower) >= Number(higher)) return undefined;
    return { kind: 'direct', lower, higher };
  }
  const only = id.slice(2);
  if (!isDecimalId(only)) return undefined;
  if (id[0] === 'g') return { kind: 'group', groupId: only };
  if (id[0] === 'n') return { kind: 'notice', uid: only };
  if (id[0] === 'u') return { kind: 'userAlias', uid: only };
  return undefined;
}
