import { ImError } from '@im/common/errors/im-error.ts';
import type { Content } from '@im/common/gen/im/chat/v1/message_pb.ts';

/** A message as an edit or recall finds it. Times in milliseconds since 1970. */
export interface TargetMessage {
  readonly senderUid: string;
  readonly sentAt: number;
  readonly recalled: boolean;
  readonly content: Content | undefined;
  /** How often it was edited. */
  readonly edits: number;
}

/** A recall erases all edits in one transaction; far more than anybody makes by hand. */
const MAX_EDITS = 1_000;

/** Who may edit: the sender, text only, within the window, before a recall, not without end. */
export function requireEditable(
  target: TargetMessage,
  editor: { uid: string; content: Content; at: number },
  windowMs: number,
): void {
  if (target.senderUid !== editor.uid) throw new ImError('NOT_THE_SENDER', 'only its sender edits a message');
  if (target.recalled) throw new ImError('MESSAGE_RECALLED', 'the message was recalled');
  if (target.content?.kind.case !== 'text' || editor.content.kind.case !== 'text') {
    throw new ImError('ONLY_TEXT_EDITED', 'only text is edited');
  }
  if (target.edits >= MAX_EDITS) throw new ImError('TOO_MANY_EDITS', 'the message was edited too often');
  if (editor.at - target.sentAt > windowMs) {
    throw new ImError('EDIT_WINDOW_PASSED', 'the message is too old to be edited');
  }
}
