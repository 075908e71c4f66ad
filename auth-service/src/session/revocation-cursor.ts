/** A place among the revocations of a store: its birth (milliseconds since 1970) and the number of one. */
export interface RevocationPlace {
  readonly bornAt: number;
  readonly no: number;
}

export function revocationCursor(bornAt: number, no: number): string {
  return `${bornAt}.${no}`;
}

/** Undefined for none and for what does not even look like one. */
export function parseRevocationCursor(cursor: string | undefined): RevocationPlace | undefined {
  const match = /^([0-9]{1,16})\.([0-9]{1,15})$/.exec(cursor ?? '');
  return match ? { bornAt: Number(match[1]), no: Number(match[2]) } : undefined;
}
