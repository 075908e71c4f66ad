/** What decides where a consumer goes on in one partition of the topic. */
export interface StartFacts {
  /** Up to where this consumer has come itself, if nobody else can have had the partition since. */
  readonly own: bigint | undefined;
  /** Up to where the group has come, as Kafka keeps it. */
  readonly committed: bigint | undefined;
  readonly earliest: bigint;
  readonly latest: bigint;
  /** The topic is another one than this consumer has followed under its name. */
  readonly recreated: boolean;
}

/**
 * The offset of the next record to take, and whether records may be missed by
 * it. Kafka's own rule (`auto.offset.reset`) would jump in silence.
 */
export function startOf({ own, committed, earliest, latest, recreated }: StartFacts): {
  next: bigint;
  gap: boolean;
} {
  // All that a new topic holds is news, and offsets of the old one mean nothing in it.
  if (recreated) return { next: earliest, gap: true };
  const wanted = own ?? committed;
  // A group that nobody was in before: what was published so far is for nobody; a day of it would be a flood.
  if (wanted === undefined) return { next: latest, gap: true };
  // Kafka has thrown away what came next.
  if (wanted < earliest) return { next: earliest, gap: true };
  // Kafka has lost its end in a disaster, and what was written since cannot be told from what was taken.
  if (wanted > latest) return { next: latest, gap: true };
  return { next: wanted, gap: false };
}
