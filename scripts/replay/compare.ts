import type { LocalStore } from '@im/common/testing/client/local-store.ts';
import type { Dialogue } from './dialogues.ts';

/**
 * Compares what a device holds of a dialogue's conversation with the file,
 * line by line in order: who said what, each once, and no seq missing.
 * Gives the first difference in words; undefined when there is none.
 */
export function differenceOf(
  dialogue: Dialogue,
  uids: readonly [string, string],
  conversationId: string,
  store: LocalStore,
): string | undefined {
  const copy = store.conversation(conversationId);
  const expected = dialogue.lines.flatMap((line) =>
    line.messages.map((text) => ({ uid: uids[line.speaker], text })),
  );
  const held = copy
    .messages()
    .map((message) => ({ uid: message.senderUid, text: message.content?.text?.text }));
  for (const [index, { uid, text }] of expected.entries()) {
    const found = held[index];
    if (!found) return `holds ${held.length} messages of ${expected.length}`;
    if (found.text !== text) return `message ${index + 1} is ${shown(found.text)}, not ${shown(text)}`;
    if (found.uid !== uid) return `message ${index + 1} is said by the other one`;
  }
  if (held.length > expected.length) return `holds ${held.length} messages of ${expected.length}`;
  const seqs = copy.events().map((event) => event.seq);
  const hole = seqs.findIndex((seq, index) => seq !== index + 1);
  return hole === -1 ? undefined : `seq ${hole + 1} is missing`;
}

function shown(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 60));
}
