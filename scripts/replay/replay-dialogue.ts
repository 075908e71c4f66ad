import type { ImDevice } from '@im/common/testing/client/device.ts';
import { differenceOf } from './compare.ts';
import type { Dialogue } from './dialogues.ts';
import { makePair, type Pair, type ReplayTarget } from './people.ts';
import type { Progress } from './progress.ts';

/** One in so many dialogues has its listening device offline until the very end. */
const OFFLINE_EVERY = 3;
/** Milliseconds a live device has to hold the whole dialogue after its last ack. */
const ARRIVAL_MS = 60_000;
/** Milliseconds a device has to connect and sync, a restart of the server included. */
const CONNECT_MS = 60_000;

/** A dialogue that has been said, with the device that slept through it. */
export interface Replayed {
  dialogue: Dialogue;
  pair: Pair;
  asleep: ImDevice | undefined;
}

/** What a device holds, against the file. */
export interface Verdict {
  dialogue: Dialogue;
  device: string;
  difference: string | undefined;
}

/**
 * Two people say a dialogue over sockets, line by line, each waiting for the
 * ack of the line before, while a second device of the second listens (or is
 * offline). Gives what the live devices hold in the end.
 */
export async function replayDialogue(
  target: ReplayTarget,
  dialogue: Dialogue,
  index: number,
  progress: Progress,
): Promise<{ replayed: Replayed; verdicts: Verdict[] }> {
  const pair = await makePair(target, dialogue);
  const [first, second] = pair.speakers;
  const listener = await pair.device(1, 'listener');
  const offline = index % OFFLINE_EVERY === 0;
  const live = offline ? [first, second] : [first, second, listener];
  try {
    await Promise.all([first, second, listener].map((device) => device.connect(CONNECT_MS)));
    await Promise.all(pair.speakers.map((device) => friendshipShown(device, pair)));
    if (offline) await listener.goOffline();
    for (const line of dialogue.lines) {
      const speaker = line.speaker === 0 ? first : second;
      for (const text of line.messages) {
        await speaker.send(pair.conversationId, text);
        progress.ack();
      }
    }
    const names = ['first speaker', 'second speaker', 'listener'];
    const verdicts = await Promise.all(
      live.map((device, at) => settledVerdict(dialogue, pair, device, names[at] ?? '')),
    );
    return { replayed: { dialogue, pair, asleep: offline ? listener : undefined }, verdicts };
  } finally {
    await Promise.all(live.map((device) => device.close()));
  }
}

/**
 * What a device that slept through everything holds once it is back, and what
 * a fresh device of each of the two people holds after its first sync.
 */
export async function compareLatecomers({ dialogue, pair, asleep }: Replayed): Promise<Verdict[]> {
  const latecomers: [string, ImDevice][] = [
    ['fresh device of the first', await pair.device(0, 'fresh')],
    ['fresh device of the second', await pair.device(1, 'fresh')],
  ];
  if (asleep) latecomers.push(['device that was offline', asleep]);
  return Promise.all(
    latecomers.map(async ([name, device]) => {
      try {
        await device.connect(CONNECT_MS);
        return verdictOf(dialogue, pair, device, name);
      } finally {
        await device.close();
      }
    }),
  );
}

/**
 * A busy server answers a request before its log knows of the friendship; until
 * the event is there it refuses what the two say.
 */
async function friendshipShown(device: ImDevice, { conversationId }: Pair): Promise<void> {
  const shown = () =>
    device.store
      .conversation(conversationId)
      .events()
      .some((event) => event.friendAdded);
  await device.waitFor(shown, CONNECT_MS, 'the friendship');
}

async function settledVerdict(
  dialogue: Dialogue,
  pair: Pair,
  device: ImDevice,
  name: string,
): Promise<Verdict> {
  const verdict = () => verdictOf(dialogue, pair, device, name);
  try {
    return await device.waitFor(() => equal(verdict()), ARRIVAL_MS);
  } catch {
    return verdict();
  }
}

function equal(verdict: Verdict): Verdict | undefined {
  return verdict.difference === undefined ? verdict : undefined;
}

function verdictOf(dialogue: Dialogue, pair: Pair, device: ImDevice, name: string): Verdict {
  const difference = differenceOf(dialogue, pair.uids, pair.conversationId, device.store);
  return { dialogue, device: name, difference };
}
