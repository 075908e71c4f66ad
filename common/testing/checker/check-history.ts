import { ackedIsStored } from './checks/acked-is-stored.ts';
import { cursorContinues } from './checks/cursor-continues.ts';
import { gaplessOrder } from './checks/gapless-order.ts';
import { keptUp } from './checks/kept-up.ts';
import { nothingMissed } from './checks/nothing-missed.ts';
import { nothingUnentitled } from './checks/nothing-unentitled.ts';
import { orderOfSending } from './checks/order-of-sending.ts';
import { readMarks } from './checks/read-marks.ts';
import { sentOnce } from './checks/sent-once.ts';
import { shownOnce } from './checks/shown-once.ts';
import type { HistoryEntry } from './history.ts';
import { openLedger } from './ledger.ts';
import type { Violation } from './violation.ts';

const CHECKS = [
  ackedIsStored,
  readMarks,
  gaplessOrder,
  orderOfSending,
  sentOnce,
  nothingMissed,
  keptUp,
  cursorContinues,
  shownOnce,
  nothingUnentitled,
];

/** Holds a whole history against the promises P1 to P6. Gives what was broken, in words; nothing when all held. */
export function checkHistory(entries: readonly HistoryEntry[]): Violation[] {
  const ledger = openLedger(entries);
  return CHECKS.flatMap((check) => check(ledger));
}
