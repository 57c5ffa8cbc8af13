/** The place of the control worker among the threads of the machine. */
import { constants, setPriority } from "node:os";

/**
 * Linux gives each thread a priority of its own, and 0 is the one that asks: a verdict of the probing thread, which is scheduled
 * before all others, must not wait here behind whatever else keeps the processors busy. Where that is refused it may have to.
 */
export function goFirst(): void {
  try {
    setPriority(0, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // The threads of the addon say in the status what they were allowed; this one differs from them only without root.
  }
}
