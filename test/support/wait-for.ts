/** Waiting for a state of the world, never for a time. */
import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";
import { IpmpError } from "../../src/core/errors.ts";

const LOOK_EVERY_MS = 5;
const DEADLINE_MS = 10_000;

/**
 * Looks again and again until `done` holds for what is seen, and returns that. Throws WAITED_IN_VAIN with what was seen
 * last, when the deadline passes. `what` completes the sentence "waited for ...".
 */
export async function waitFor<Seen>(
  what: string,
  look: () => Seen | Promise<Seen>,
  done: (seen: Seen) => boolean,
  deadlineMs = DEADLINE_MS,
): Promise<Seen> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (done(seen)) return seen;
    if (performance.now() > end) {
      const last = inspect(seen, { depth: 6, breakLength: 120, maxStringLength: 2000 });
      throw new IpmpError("WAITED_IN_VAIN", `waited ${deadlineMs} ms for ${what}; last seen: ${last}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}
