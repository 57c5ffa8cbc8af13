/** Skips loudly: the reason is printed in the summary of the run, and a skip without one is a failure. */
import type { Context } from "mocha";

/** Where the reason is kept, on the test or (from a `before` hook) on its suite. Shared by the reporter of the run. */
export const SKIP_REASON = Symbol.for("ipmp.skipReason");

/** What a skip takes out of the run: the test itself, the test that a hook was run for, or the suite of a `before`. */
function skippedBy({ test: runnable, currentTest }: Context): object | undefined {
  if (runnable?.title.startsWith('"before all"')) return runnable.parent;
  return runnable?.title.startsWith('"before each"') ? currentTest : runnable;
}

/** Ends the running test, or the suite of the running `before` hook, as skipped. `reason` says what this machine lacks. */
export function skipBecause(context: Context, reason: string): never {
  Object.assign(skippedBy(context) ?? {}, { [SKIP_REASON]: reason });
  context.skip();
}
