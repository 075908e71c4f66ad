/** The JSON that the public interface speaks, as far as the test client looks at it. */

export interface WireTokens {
  accessToken: string;
  accessTokenExpiresAt: string;
  refreshToken: string;
  refreshTokenExpiresAt: string;
}

export interface WireUser {
  uid: string;
  username: string;
  nickname: string;
  avatarUrl: string;
  bio: string;
  createdAt: string;
  externalId?: string;
  settings?: Record<string, unknown>;
}

export interface WireSession {
  sessionId: string;
  deviceId: string;
  platform: string;
  name: string;
  createdAt: string;
  lastSeenAt: string;
  address: string;
  current: boolean;
  online: boolean;
}

/** What a login answers, by password or through the server API. */
export interface SignedIn {
  user: WireUser;
  tokens: WireTokens;
  session: WireSession;
}

export interface WireContent {
  text?: { text: string };
  [kind: string]: unknown;
}

export interface WireMessage {
  conversationId: string;
  seq: number;
  senderUid: string;
  clientMsgId: string;
  sentAt: string;
  content?: WireContent;
  replyToSeq?: number;
  mentions?: { uids: string[]; all: boolean };
  editedAt?: string;
  recalledAt?: string;
  reactions: { emoji: string; count: number; mine: boolean }[];
  asOfSeq: number;
}

export interface WireFriendRequest {
  requestId: string;
  fromUid: string;
  toUid: string;
  message: string;
  state: 'PENDING' | 'ACCEPTED' | 'REJECTED' | 'CANCELLED';
  createdAt: string;
}

export interface WireEvent {
  conversationId: string;
  seq: number;
  at: string;
  actorUid: string;
  message?: WireMessage;
  edited?: { targetSeq: number; content?: WireContent };
  recalled?: { targetSeq: number };
  friendRequest?: { request: WireFriendRequest };
  friendAdded?: { uid: string };
  friendRemoved?: { uid: string };
  /** Kinds that this client does not fold. */
  [kind: string]: unknown;
}

/** A group as members see it. */
export interface WireGroup {
  groupId: string;
  conversationId: string;
  name: string;
  avatarUrl: string;
  announcement: string;
  ownerUid: string;
  memberCount: number;
  joinPolicy: 'OPEN' | 'APPROVAL' | 'INVITE_ONLY';
  historyPolicy: 'ALL' | 'FROM_JOIN';
  muteAll: boolean;
  createdAt: string;
}

export interface WireConversation {
  conversationId: string;
  kind: 'DIRECT' | 'GROUP' | 'NOTICE';
  peer?: WireUser;
  group?: WireGroup;
  headSeq: number;
  readSeq: number;
  unread: number;
  mentionSeqs: number[];
  peerReadSeq?: number;
  visibleFromSeq: number;
  leftSeq?: number;
  lastMessage?: WireMessage;
  settings: { muted: boolean; pinned: boolean; hidden: boolean; draft: string; clearedSeq: number };
  updatedAt: string;
}

export interface WireSyncedConversation extends WireConversation {
  events: WireEvent[];
  complete: boolean;
}

export interface WireSync {
  conversations: WireSyncedConversation[];
  hidden: { conversationId: string; seqs: number[] }[];
  profile?: WireUser;
  cursor: string;
  more: boolean;
  epoch: string;
}

export interface WirePresence {
  uid: string;
  online: boolean;
  platforms: string[];
  lastSeenAt?: string;
}

export interface WireRange {
  messages: WireMessage[];
  events: WireEvent[];
  fromSeq: number;
  toSeq: number;
}

export interface WireError {
  code: number;
  status: string;
  reason: string;
  message: string;
  metadata: Record<string, string>;
  requestId: string;
}

export interface Welcome {
  uid: string;
  sessionId: string;
  serverTime: string;
  heartbeatSeconds: number;
  epoch: string;
}

/** What a socket may ask, with what answers it. */
export interface SocketRequests {
  hello: { body: { accessToken: string }; answer: Welcome };
  renew: { body: { accessToken: string }; answer: Welcome };
  ping: { body: Record<string, never>; answer: Record<string, never> };
  sendMessage: { body: SendBody; answer: { message: WireMessage } };
  editMessage: { body: EditBody; answer: { message: WireMessage } };
  recallMessage: { body: RecallBody; answer: { message: WireMessage } };
  markRead: {
    body: { conversationId: string; seq: number };
    answer: { readSeq: number; unread: number };
  };
  getMessages: {
    body: { conversationId: string; fromSeq?: number; toSeq?: number; beforeSeq?: number; limit?: number };
    answer: WireRange;
  };
  sync: { body: { cursor?: string; limit?: number }; answer: WireSync };
  watchPresence: { body: { uids: string[] }; answer: { presence: WirePresence[] } };
}

export interface SendBody {
  conversationId: string;
  clientMsgId: string;
  content: WireContent;
  replyToSeq?: number;
  mentions?: { uids?: string[]; all?: boolean };
}

export interface EditBody {
  conversationId: string;
  seq: number;
  clientMsgId: string;
  content: WireContent;
}

export interface RecallBody {
  conversationId: string;
  seq: number;
  clientMsgId: string;
}

/** A frame of the server: an answer (with replyTo) or a push. */
export interface ServerFrame {
  replyTo?: string;
  error?: WireError;
  welcome?: Welcome;
  events?: { events: WireEvent[] };
  readMark?: { conversationId: string; uid: string; seq: number };
  typing?: { conversationId: string; uid: string };
  changed?: {
    conversations: WireSyncedConversation[];
    hidden: WireSync['hidden'];
    profile?: WireUser;
    sessions: boolean;
  };
  presence?: { presence: WirePresence[] };
  resync?: Record<string, never>;
  drain?: { reconnectAfterMs: number };
  signedOut?: { reason: string };
  [kind: string]: unknown;
}
