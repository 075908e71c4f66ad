/** Who made a change at its owner, and when (milliseconds since 1970). */
export interface ControlOrigin {
  readonly actorUid: string;
  readonly at: number;
}
