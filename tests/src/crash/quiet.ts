import type { HistoryEntry } from '@im/common/testing/checker/history.ts';
import type { RecordedDevice } from '@im/common/testing/checker/recorded-device.ts';
import { type Scene, sendFromDevice } from './actions.ts';
import type { Person } from './people.ts';

/** Milliseconds that a device which stays online has to get everything, a resync at its slowest pace included. */
const ARRIVAL_MS = 15_000;

/** How far conversations have come, by what was answered. */
export interface Heads {
  onEntry(entry: HistoryEntry): void;
  of(conversationId: string): number;
}

export function createHeads(): Heads {
  const heads = new Map<string, number>();
  const of = (conversationId: string) => heads.get(conversationId) ?? 0;
  return {
    of,
    onEntry(entry) {
      if (entry.entry !== 'answered' || !('message' in entry.answer)) return;
      const { conversationId, asOfSeq } = entry.answer.message;
      heads.set(conversationId, Math.max(of(conversationId), asOfSeq));
    },
  };
}

/** Whether all devices, which are online, came to hold everything by themselves. Records what they hold. */
export async function allKeptUp(
  people: readonly Person[],
  heads: Heads,
  withinMs = ARRIVAL_MS,
): Promise<boolean> {
  const kept = await Promise.all(
    people.flatMap((person) =>
      person.devices.map((device) => keptUp(device, inNow(person), heads, withinMs)),
    ),
  );
  return kept.every((up) => up);
}

/** Whoever is out of a group is told nothing of it. */
function inNow({ conversations, outOf }: Person): string[] {
  return conversations.filter((conversationId) => !outOf.has(conversationId));
}

async function keptUp(
  recorded: RecordedDevice,
  conversations: readonly string[],
  heads: Heads,
  withinMs: number,
): Promise<boolean> {
  const { device } = recorded;
  const holdsAll = () =>
    device.isSettled && conversations.every((id) => device.store.conversation(id).knownTo >= heads.of(id));
  const kept = await device.waitFor(holdsAll, withinMs).catch(() => false);
  for (const id of conversations) recorded.recordHeld(id);
  return kept;
}

/** One more word in every conversation while nothing else goes on: nobody learns of it but by its push. */
export async function lastWords(people: readonly Person[], scene: (person: Person) => Scene): Promise<void> {
  await Promise.all(
    people.map(async (person) => {
      const own = scene(person);
      for (const conversationId of inNow(person)) {
        await sendFromDevice({ ...own, person: { ...person, conversations: [conversationId] } });
      }
    }),
  );
}
