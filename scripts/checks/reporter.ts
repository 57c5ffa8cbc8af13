/** Mocha's `spec` output, and beside it the counts as JSON in the file that IPMP_TALLY_FILE names. */
import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import type { Skip, Tally } from "./tally.ts";

/** As in test/support/skip.ts, which the reporter must not load: mocha would keep two copies of it. */
const SKIP_REASON = Symbol.for("ipmp.skipReason");

function reasonOf(bearer: object | undefined): string | undefined {
  if (bearer === undefined) return undefined;
  const { [SKIP_REASON]: reason, parent } = bearer as { [SKIP_REASON]?: string; parent?: object };
  return reason ?? reasonOf(parent);
}

class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const skipped: Skip[] = [];
    let unreasoned = 0;
    runner.on("pending", (test) => {
      const reason = reasonOf(test);
      if (reason === undefined) unreasoned += 1;
      else skipped.push({ title: test.fullTitle(), reason });
    });
    runner.once("end", () => {
      const { passes = 0, failures = 0 } = runner.stats ?? {};
      const tally: Tally = { passed: passes, failed: failures + unreasoned, skipped };
      if (process.env.IPMP_TALLY_FILE) writeFileSync(process.env.IPMP_TALLY_FILE, JSON.stringify(tally));
    });
  }
}

export default CountingReporter;
