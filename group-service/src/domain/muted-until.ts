import { invalidField } from '@im/common/errors/im-error.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Until when somebody is muted, in milliseconds since 1970; 0 for nobody's mute: absent, or over by `now`. Throws INVALID_FIELD. */
export function parseMutedUntil(given: string | undefined, now: number): number {
  if (given === undefined || given === '') return 0;
  const until = RFC_3339.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(until)) throw invalidField('mutedUntil', 'mutedUntil is a time as RFC 3339 writes it');
  return until > now ? until : 0;
}
