import { invalidField } from '@im/common/errors/im-error.ts';

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;
/** What RFC 3339 can still write, whatever the offset it was given with. */
const LAST_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** Until when somebody is muted, in milliseconds since 1970; 0 for nobody's mute: absent, or over by `now`. Throws INVALID_FIELD. */
export function parseMutedUntil(given: string | undefined, now: number): number {
  if (given === undefined || given === '') return 0;
  const [, year, month, day] = RFC_3339.exec(given) ?? [];
  const until = isDay(Number(year), Number(month), Number(day)) ? Date.parse(given) : Number.NaN;
  if (!(until <= LAST_TIME)) throw invalidField('mutedUntil', 'mutedUntil is a time as RFC 3339 writes it');
  return until > now ? until : 0;
}

/** `Date` takes the 30th of February for the 1st or 2nd of March. */
function isDay(year: number, month: number, day: number): boolean {
  return day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
