import { expect, test } from 'vitest';
import { type HttpRoute, httpRoutesOf } from './http-route.ts';
import { HTTP_SERVICES } from './services.ts';

/** The public interface's table of methods and paths, as far as it is built. */
const TABLE = `
  GET    /v1/config                                                    public
  GET    /.well-known/jwks.json                                        public
  POST   /v1/users                                                     public
  POST   /v1/login                                                     public
  POST   /v1/token/refresh                                             public
  POST   /v1/logout                                                    user
  GET    /v1/sessions                                                  user
  DELETE /v1/sessions/{sessionId}                                      user
  POST   /v1/sessions/revoke-others                                    user
  GET    /v1/me                                                        user
  PATCH  /v1/me                                                        user
  PUT    /v1/me/password                                               user
  GET    /v1/users/{uid}                                               user
  GET    /v1/users                                                     user
  POST   /v1/users/batch-get                                           user
  POST   /v1/friend-requests                                           user
  GET    /v1/friend-requests                                           user
  POST   /v1/friend-requests/{requestId}/accept                        user
  POST   /v1/friend-requests/{requestId}/reject                        user
  DELETE /v1/friend-requests/{requestId}                               user
  GET    /v1/friends                                                   user
  PATCH  /v1/friends/{uid}                                             user
  DELETE /v1/friends/{uid}                                             user
  GET    /v1/blocks                                                    user
  PUT    /v1/blocks/{uid}                                              user
  DELETE /v1/blocks/{uid}                                              user
  POST   /v1/groups                                                    user
  GET    /v1/groups                                                    user
  GET    /v1/groups/{groupId}                                          user
  PATCH  /v1/groups/{groupId}                                          user
  DELETE /v1/groups/{groupId}                                          user
  GET    /v1/groups/{groupId}/members                                  user
  POST   /v1/groups/{groupId}/members                                  user
  PATCH  /v1/groups/{groupId}/members/{uid}                            user
  DELETE /v1/groups/{groupId}/members/{uid}                            user
  PUT    /v1/groups/{groupId}/owner                                    user
  POST   /v1/groups/{groupId}/join                                     user
  GET    /v1/groups/{groupId}/join-requests                            user
  POST   /v1/groups/{groupId}/join-requests/{requestId}/accept         user
  POST   /v1/groups/{groupId}/join-requests/{requestId}/reject         user
  POST   /v1/conversations/{conversationId}/messages                   user
  GET    /v1/conversations/{conversationId}/messages                   user
  PATCH  /v1/conversations/{conversationId}/messages/{seq}             user
  DELETE /v1/conversations/{conversationId}/messages/{seq}             user
  POST   /v1/conversations/{conversationId}/messages/{seq}/recall      user
  POST   /v1/conversations/{conversationId}/read                       user
  GET    /v1/conversations                                             user
  GET    /v1/conversations/{conversationId}                            user
  PATCH  /v1/conversations/{conversationId}                            user
  GET    /v1/sync                                                      user
  POST   /v1/presence/query                                            user
  PUT    /v1/admin/users/{externalId}                                  users
  POST   /v1/admin/tokens                                              tokens
  POST   /v1/admin/messages                                            messages
  POST   /v1/admin/groups                                              groups
  POST   /v1/admin/groups/{groupId}/members                            groups
  DELETE /v1/admin/groups/{groupId}/members/{uid}                      groups
  POST   /v1/admin/users/{uid}/disable                                 users
  POST   /v1/admin/users/{uid}/enable                                  users
  POST   /v1/admin/users/{uid}/sign-out                                users
  PUT    /v1/admin/users/{uid}/password                                users
  POST   /v1/admin/conversations/{conversationId}/messages/{seq}/recall messages
  GET    /v1/admin/api-keys                                            keys
  POST   /v1/admin/api-keys                                            keys
  DELETE /v1/admin/api-keys/{keyId}                                    keys
`;

function row({ method, path, access }: HttpRoute): string {
  const who = access.public ? 'public' : [access.user && 'user', access.apiKey].filter(Boolean).join('+');
  return `${method} ${path} ${who}`;
}

test('the annotations are the table of the public interface, no more and no less', () => {
  const rows = TABLE.trim()
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '));
  expect(httpRoutesOf(HTTP_SERVICES).map(row).sort()).toEqual(rows.sort());
});

test('what people and programs outside may call has a route', () => {
  const routed = new Set(httpRoutesOf(HTTP_SERVICES).map(({ rpc }) => rpc));
  const unreachable = HTTP_SERVICES.flatMap(({ methods }) => methods).filter((rpc) => !routed.has(rpc));
  expect(unreachable.map(({ name }) => name).sort()).toEqual([
    'AppendEvents',
    'BatchGetGroups',
    'BatchGetLastSeen',
    'BatchGetRelations',
    'CreateSession',
    'GetAccount',
    'GetProfile',
    'GetRegistration',
    'GetStore',
    'ListAudience',
    'ListLargeGroups',
    'ListRevoked',
    'ReportSessions',
    'RevokeUserSessions',
    'SendStream',
    'SendTyping',
    'VerifyApiKey',
  ]);
});

test('two methods cannot claim the same route', () => {
  expect(() => httpRoutesOf([...HTTP_SERVICES, HTTP_SERVICES[0]!])).toThrow('both answer GET /v1/config');
});

test('path fields, bodies and masks are told apart', () => {
  const routes = new Map(httpRoutesOf(HTTP_SERVICES).map((route) => [route.rpc.name, route]));
  const names = (name: string) => routes.get(name)?.pathFields.map((field) => field.name);
  expect(names('EditMessage')).toEqual(['conversation_id', 'seq']);
  expect(names('UpsertUser')).toEqual(['external_id']);
  expect(routes.get('UpdateMe')?.maskField?.name).toBe('update_mask');
  expect(routes.get('EditMessage')?.maskField).toBeUndefined();
  expect(routes.get('GetMe')?.hasBody).toBe(false);
  expect(routes.get('HideMessage')?.hasBody).toBe(false);
  expect(routes.get('Logout')?.hasBody).toBe(true);
});
