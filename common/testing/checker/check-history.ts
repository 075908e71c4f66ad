import { ackedIsStored } from './checks/acked-is-stored.ts';
import { cursorContinues } from './checks/cursor-continues.ts';
import { gaplessOrder } from './checks/gapless-order.ts';
import { keptUp } from './checks/kept-up.ts';
import { noSilentLoss } from './checks/no-silent-loss.ts';
import { nothingMissed } from './checks/nothing-missed.ts';
import { nothingUnentitled } from './checks/nothing-unentitled.ts';
import { orderOfSending } from './checks/order-of-sending.ts';
import { readMarks } from './checks/read-marks.ts';
import { sentOnce } from './checks/sent-once.ts';
import { shownOnce } from './checks/shown-once.ts';
import type { HistoryEntry } from './history.ts';
import { openLedger } from './ledger.ts';
import type { Violation } from './violation.ts';

/** What can be told before everything has come to its end. */
const CHECKS_ON_THE_WAY = [keptUp, noSilentLoss, cursorContinues, shownOnce, nothingUnentitled];

/** What needs to know the store's final history. */
const CHECKS_AT_THE_END = [ackedIsStored, readMarks, gaplessOrder, orderOfSending, sentOnce, nothingMissed];

/** Holds a whole history against the promises P1 to P6. Gives what was broken, in words; nothing when all held. */
export function checkHistory(entries: readonly HistoryEntry[]): Violation[] {
  const ledger = openLedger(entries);
  return [...CHECKS_AT_THE_END, ...CHECKS_ON_THE_WAY].flatMap((check) => check(ledger));
}

/** The same for a history that broke off before the final states were recorded: much of what is wrong stays unseen. */
export function checkUnfinishedHistory(entries: readonly HistoryEntry[]): Violation[] {
  const ledger = openLedger(entries);
  return CHECKS_ON_THE_WAY.flatMap((check) => check(ledger));
}
