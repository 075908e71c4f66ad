import type { Connection } from './connection.ts';

/** A socket that is owed more than this is not read until half of it is answered. */
const MOST_FRAMES = 1_000;
const MOST_BYTES = 4 * 1024 * 1024;

/** Counts a frame that has come and is not answered yet. */
export function takeIn(connection: Connection, bytes: number): void {
  connection.owedFrames += 1;
  connection.owedBytes += bytes;
  if (connection.owedFrames > MOST_FRAMES || connection.owedBytes > MOST_BYTES) connection.ws.pause();
}

/** Counts it as answered. */
export function letOut(connection: Connection, bytes: number): void {
  connection.owedFrames -= 1;
  connection.owedBytes -= bytes;
  if (!connection.ws.isPaused) return;
  if (connection.owedFrames <= MOST_FRAMES / 2 && connection.owedBytes <= MOST_BYTES / 2) {
    connection.ws.resume();
  }
}
