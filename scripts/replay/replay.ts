import { randomToken } from '@im/common/utils/random-id.ts';
import { atOnce } from './at-once.ts';
import { readDialogues } from './dialogues.ts';
import type { Kills } from './kills.ts';
import type { ReplayTarget } from './people.ts';
import { createProgress, type Progress } from './progress.ts';
import { compareLatecomers, type Replayed, replayDialogue, type Verdict } from './replay-dialogue.ts';
import type { ReplayResult } from './report.ts';

/** Dialogues between two lines of progress. */
const TELL_EVERY = 500;

export interface ReplayWork {
  file: string;
  limit: number;
  concurrency: number;
  server: Omit<ReplayTarget, 'runId'>;
  /** Begins to kill the server, told how many messages there are. */
  startKills?: (messages: number, progress: Progress) => Kills;
  tell: (line: string) => void;
}

/**
 * Says every dialogue of a file and compares what devices hold with it: the
 * live ones as soon as a dialogue is said, those that were offline and fresh
 * ones after all of them.
 */
export async function replay(work: ReplayWork): Promise<ReplayResult> {
  const file = await readDialogues(work.file, work.limit);
  const target: ReplayTarget = { ...work.server, runId: randomToken(6) };
  const progress = createProgress();
  const said: Replayed[] = [];
  const verdicts: Verdict[] = [];
  const messages = file.dialogues.flatMap((dialogue) => dialogue.lines.flatMap((line) => line.messages));
  const kills = work.startKills?.(messages.length, progress);
  const startedAt = performance.now();

  const saying = atOnce(file.dialogues, work.concurrency, async (dialogue, index) => {
    const result = await replayDialogue(target, dialogue, index, progress);
    verdicts.push(...result.verdicts);
    if (said.push(result.replayed) % TELL_EVERY === 0) {
      work.tell(`${said.length} of ${file.dialogues.length} dialogues said, ${kills?.done ?? 0} kills`);
    }
  });
  await (kills ? Promise.race([saying, kills.failed]) : saying);
  const sayingMs = performance.now() - startedAt;
  await kills?.finish();
  work.tell('all said; comparing what offline and fresh devices sync');
  await atOnce(said, work.concurrency, async (replayed) => {
    verdicts.push(...(await compareLatecomers(replayed)));
  });
  return {
    file,
    verdicts,
    kills: kills?.done ?? 0,
    sayingMs,
    totalMs: performance.now() - startedAt,
  };
}
