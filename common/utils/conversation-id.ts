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
  const parts = id.split(':');
  const [prefix, first, second] = parts;
  if (prefix === 's') {
    if (parts.length !== 3 || first === undefined || second === undefined) return undefined;
    if (first !== SYSTEM_UID && !isDecimalId(first)) return undefined;
    if (!isDecimalId(second) || Number(first) >= Number(second)) return undefined;
    return { kind: 'direct', lower: first, higher: second };
  }
  if (parts.length !== 2 || first === undefined || !isDecimalId(first)) return undefined;
  if (prefix === 'g') return { kind: 'group', groupId: first };
  if (prefix === 'n') return { kind: 'notice', uid: first };
  if (prefix === 'u') return { kind: 'userAlias', uid: first };
  return undefined;
}
