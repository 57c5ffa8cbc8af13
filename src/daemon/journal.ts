import { fstatSync } from "node:fs";

/**
 * Does this descriptor lead to journald, as systemd says in `JOURNAL_STREAM` (device:inode)? The variable alone tells nothing: it is inherited by
 * whoever sends its output elsewhere.
 */
export function isJournal(stream: string | undefined, descriptor: number): boolean {
  if (stream === undefined) return false;
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    // Closed: nobody reads it.
    return false;
  }
}
