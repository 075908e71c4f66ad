/** Why the gateway closes a socket, as the public interface numbers it. */
export const CLOSE = {
  /** Restarting: reconnect with jitter. */
  restarting: 1012,
  badFrame: 4000,
  /** Not signed in, or the token ran out. */
  notSignedIn: 4001,
  /** Signed in elsewhere or revoked: do not reconnect. */
  signedOut: 4003,
  tooSlow: 4008,
  helloTooLate: 4009,
  silent: 4010,
  tooManySockets: 4013,
  tooManyFrames: 4029,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];
