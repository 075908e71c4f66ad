import { randomUUID } from 'node:crypto';
import type { Random } from '../crash/random.ts';
import { PASSWORD, type Scene } from './scene.ts';

export interface HttpSample {
  /** As the interface's description names it: `POST /v1/users`. */
  readonly route: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: unknown;
}

const DEVICE = { deviceId: 'hostile', platform: 'BOT', name: 'x' };
const SCOPES = ['users', 'tokens', 'messages', 'groups', 'keys'];

/** A request that could be served, of every route with a body. */
export function sampleRequests(scene: Scene, random: Random): readonly HttpSample[] {
  const { ann, bob, victim, username, groupId, victimsGroupId, conversationId } = scene;
  const c = random.pick([conversationId, `u:${bob.uid}`, `g:${groupId}`]);
  const seq = 1 + random.below(50);
  const clientMsgId = randomUUID();
  const content = sampleContent(random, scene);
  const key = scene.product.adminKey;
  const mine = `/v1/groups/${victimsGroupId}`;
  const messages = `/v1/conversations/${c}/messages`;
  const sample = (who: string | undefined, route: string, path: string, body: unknown): HttpSample => ({
    route,
    path,
    token: who,
    body,
  });
  const join = '/v1/groups/{groupId}/join-requests/{requestId}';
  const request = '/v1/friend-requests/{requestId}';
  const admin = '/v1/admin/users/{uid}';
  const victims = `/v1/admin/users/${victim.uid}`;
  return [
    sample(undefined, 'POST /v1/users', '/v1/users', {
      username: 'someone',
      password: PASSWORD,
      nickname: 'x',
    }),
    sample(undefined, 'POST /v1/login', '/v1/login', { username, password: PASSWORD, device: DEVICE }),
    sample(undefined, 'POST /v1/token/refresh', '/v1/token/refresh', { refreshToken: 'a'.repeat(43) }),
    sample(victim.token, 'POST /v1/logout', '/v1/logout', {}),
    sample(victim.token, 'POST /v1/sessions/revoke-others', '/v1/sessions/revoke-others', {}),
    sample(ann.token, 'PATCH /v1/me', '/v1/me', {
      nickname: 'ann',
      bio: 'b',
      settings: { theme: { dark: true } },
    }),
    sample(victim.token, 'PUT /v1/me/password', '/v1/me/password', {
      oldPassword: PASSWORD,
      newPassword: PASSWORD,
    }),
    sample(ann.token, 'POST /v1/users/batch-get', '/v1/users/batch-get', { uids: [bob.uid, victim.uid] }),
    sample(ann.token, 'POST /v1/friend-requests', '/v1/friend-requests', { uid: victim.uid, message: 'hi' }),
    sample(ann.token, `POST ${request}/accept`, '/v1/friend-requests/7/accept', {}),
    sample(ann.token, `POST ${request}/reject`, '/v1/friend-requests/7/reject', {}),
    sample(ann.token, 'PATCH /v1/friends/{uid}', `/v1/friends/${victim.uid}`, { remark: 'x' }),
    sample(ann.token, 'PUT /v1/blocks/{uid}', `/v1/blocks/${victim.uid}`, {}),
    sample(ann.token, 'POST /v1/groups', '/v1/groups', {
      name: 'g',
      memberUids: [victim.uid],
      avatarUrl: 'media:1',
    }),
    sample(victim.token, 'PATCH /v1/groups/{groupId}', mine, {
      name: 'g',
      announcement: 'a',
      joinPolicy: 'OPEN',
      historyPolicy: 'ALL',
      muteAll: false,
    }),
    sample(victim.token, 'POST /v1/groups/{groupId}/members', `${mine}/members`, { uids: [ann.uid] }),
    sample(victim.token, 'PATCH /v1/groups/{groupId}/members/{uid}', `${mine}/members/${bob.uid}`, {
      role: 'ADMIN',
      nickname: 'x',
      mutedUntil: '2030-01-01T00:00:00.000Z',
    }),
    sample(victim.token, 'PUT /v1/groups/{groupId}/owner', `${mine}/owner`, { uid: ann.uid }),
    sample(ann.token, 'POST /v1/groups/{groupId}/join', `${mine}/join`, { message: 'x' }),
    sample(victim.token, `POST ${join}/accept`, `${mine}/join-requests/7/accept`, {}),
    sample(victim.token, `POST ${join}/reject`, `${mine}/join-requests/7/reject`, {}),
    sample(ann.token, 'POST /v1/conversations/{conversationId}/messages', messages, {
      clientMsgId,
      content,
      replyToSeq: seq,
      mentions: { uids: [bob.uid], all: false },
    }),
    sample(ann.token, 'PATCH /v1/conversations/{conversationId}/messages/{seq}', `${messages}/${seq}`, {
      clientMsgId,
      content: { text: { text: 'edited' } },
    }),
    sample(
      ann.token,
      'POST /v1/conversations/{conversationId}/messages/{seq}/recall',
      `${messages}/${seq}/recall`,
      { clientMsgId },
    ),
    sample(ann.token, 'POST /v1/conversations/{conversationId}/read', `/v1/conversations/${c}/read`, { seq }),
    sample(ann.token, 'PATCH /v1/conversations/{conversationId}', `/v1/conversations/${c}`, {
      muted: true,
      pinned: false,
      draft: 'x',
      clearedSeq: 1,
    }),
    sample(ann.token, 'POST /v1/presence/query', '/v1/presence/query', { uids: [bob.uid] }),
    sample(key, 'PUT /v1/admin/users/{externalId}', '/v1/admin/users/outsider', {
      nickname: 'x',
      disabled: false,
    }),
    sample(key, 'POST /v1/admin/tokens', '/v1/admin/tokens', { uid: victim.uid, device: DEVICE }),
    sample(key, 'POST /v1/admin/messages', '/v1/admin/messages', { toUid: bob.uid, clientMsgId, content }),
    sample(key, 'POST /v1/admin/groups', '/v1/admin/groups', {
      name: 'g',
      memberUids: [victim.uid],
      ownerUid: victim.uid,
    }),
    sample(key, 'POST /v1/admin/groups/{groupId}/members', `/v1/admin/groups/${victimsGroupId}/members`, {
      uids: [bob.uid],
    }),
    sample(key, `POST ${admin}/disable`, `${victims}/disable`, {}),
    sample(key, `POST ${admin}/enable`, `${victims}/enable`, {}),
    sample(key, `POST ${admin}/sign-out`, `${victims}/sign-out`, {}),
    sample(key, `PUT ${admin}/password`, `${victims}/password`, { newPassword: PASSWORD }),
    sample(
      key,
      'POST /v1/admin/conversations/{conversationId}/messages/{seq}/recall',
      `/v1/admin/conversations/${conversationId}/messages/${seq}/recall`,
      {},
    ),
    sample(key, 'POST /v1/admin/api-keys', '/v1/admin/api-keys', {
      name: 'x',
      scopes: [random.pick(SCOPES)],
    }),
  ];
}

/** A content of any kind. */
export function sampleContent(random: Random, scene: Scene): object {
  return random.pick<object>([
    { text: { text: 'hello' } },
    { image: { url: 'media:1', width: 1, height: 1, size: '9', thumbnailUrl: 'media:2' } },
    { file: { url: 'media:1', name: 'a.txt', size: '9', mediaType: 'text/plain' } },
    { audio: { url: 'media:1', durationMs: 9, size: '9' } },
    { video: { url: 'media:1', durationMs: 9, width: 1, height: 1, size: '9' } },
    { location: { latitude: 1.5, longitude: -2, name: 'x' } },
    { card: { uid: scene.bob.uid } },
    { custom: { type: 'x', data: 'AAEC' } },
    {
      forward: {
        messages: [
          {
            conversationId: scene.conversationId,
            seq: 1,
            senderUid: scene.ann.uid,
            clientMsgId: 'x',
            sentAt: '2026-01-01T00:00:00.000Z',
            content: { text: { text: 'x' } },
          },
        ],
      },
    },
  ]);
}
