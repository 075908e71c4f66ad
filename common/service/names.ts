/** The deployable services. The access lists of the contracts name them so. */
export const SERVICE_NAMES = [
  'user-service',
  'auth-service',
  'friend-service',
  'group-service',
  'chat-service',
  'api-gateway',
  'ws-gateway',
] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];
