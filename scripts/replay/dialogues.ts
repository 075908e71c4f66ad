import { readFile } from 'node:fs/promises';

/** The most characters (code points) that one message holds. */
const MOST_CHARACTERS = 8_000;

/** A dialogue of the file as it is sent. */
export interface Dialogue {
  /** Its line in the file, from 1. */
  number: number;
  language: string;
  /** What is said, in order; the even ones by the first speaker, the odd ones by the second. */
  lines: Line[];
}

/** A line of a dialogue and who says it. */
export interface Line {
  speaker: 0 | 1;
  /** What is sent for it: one message, or several for a line longer than a message. */
  messages: string[];
}

/** What was read, with what could not be sent as it stands. */
export interface DialogueFile {
  dialogues: Dialogue[];
  /** Lines without a character: no message can be empty. They are left out. */
  emptyLines: number;
  /** Lines that are not well-formed Unicode: protobuf cannot carry them. They are left out. */
  malformedLines: number;
  /** Lines of more than 8,000 characters, sent as several messages. */
  splitLines: number;
}

/** Reads the first `limit` dialogues of a file. Throws with the number of a line that is not as it should be. */
export async function readDialogues(file: string, limit: number): Promise<DialogueFile> {
  const read: DialogueFile = { dialogues: [], emptyLines: 0, malformedLines: 0, splitLines: 0 };
  const texts = (await readFile(file, 'utf8')).split('\n');
  for (const [index, text] of texts.entries()) {
    if (read.dialogues.length >= limit) break;
    if (text.trim() === '') continue;
    const { language, lines } = parseEntry(text, index + 1);
    read.dialogues.push({ number: index + 1, language, lines: sendableLines(lines, read) });
  }
  return read;
}

function parseEntry(text: string, number: number): { language: string; lines: string[] } {
  const entry = parseJson(text);
  const { language, topic, lines } = (entry ?? {}) as Record<string, unknown>;
  const isDialogue =
    typeof language === 'string' &&
    typeof topic === 'string' &&
    Array.isArray(lines) &&
    lines.every((line) => typeof line === 'string');
  if (!isDialogue) throw new Error(`line ${number} of the file is not a dialogue {language, topic, lines}`);
  return { language, lines };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sendableLines(lines: readonly string[], counts: DialogueFile): Line[] {
  const sendable: Line[] = [];
  for (const [index, line] of lines.entries()) {
    const messages = piecesOf(line);
    if (line === '') counts.emptyLines++;
    else if (!line.isWellFormed()) counts.malformedLines++;
    else sendable.push({ speaker: index % 2 === 0 ? 0 : 1, messages });
    if (messages.length > 1) counts.splitLines++;
  }
  return sendable;
}

function piecesOf(line: string): string[] {
  const characters = Array.from(line);
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += MOST_CHARACTERS) {
    pieces.push(characters.slice(start, start + MOST_CHARACTERS).join(''));
  }
  return pieces;
}
