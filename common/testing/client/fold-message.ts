import type { WireEvent, WireMessage } from './wire.ts';

/**
 * The present state of a message: what the events above its `asOfSeq` did to
 * it. Events at or below that are in it already and are left out.
 */
export function foldMessage(message: WireMessage, changes: readonly WireEvent[]): WireMessage {
  const newer = changes
    .filter((event) => event.seq > message.asOfSeq)
    .sort((one, other) => one.seq - other.seq);
  return newer.reduce(applyChange, message);
}

function applyChange(message: WireMessage, event: WireEvent): WireMessage {
  const known = { ...message, asOfSeq: event.seq };
  if (event.recalled) {
    const { content: _, ...blank } = known;
    return { ...blank, recalledAt: event.at };
  }
  if (event.edited?.content && message.recalledAt === undefined) {
    return { ...known, content: event.edited.content, editedAt: event.at };
  }
  return known;
}

/** The message that an event changes, if it changes one. */
export function targetOf(event: WireEvent): number | undefined {
  return event.edited?.targetSeq ?? event.recalled?.targetSeq;
}
