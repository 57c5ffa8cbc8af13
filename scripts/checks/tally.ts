/** Counting tests over several runs of several test runners. */

export interface Skip {
  readonly title: string;
  readonly reason: string;
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly Skip[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: [] };
export const ONE_FAILURE: Tally = { passed: 0, failed: 1, skipped: [] };

/** The sum of all. */
export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: [...total.skipped, ...one.skipped],
    }),
    NOTHING,
  );
}

/** How many tests ran or were skipped. */
export function size(tally: Tally): number {
  return tally.passed + tally.failed + tally.skipped.length;
}

/** `12 passed, 0 failed`, and `, 1 skipped` where any was. */
export function tallyText(tally: Tally): string {
  const skipped = tally.skipped.length === 0 ? "" : `, ${tally.skipped.length} skipped`;
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`;
}

/** The counts of every `ctest` summary in the output; undefined where there is none. */
export function ctestTally(output: string): Tally | undefined {
  const summaries = [...output.matchAll(/^\d+% tests passed, (\d+) tests? failed out of (\d+)/gm)];
  if (summaries.length === 0) return undefined;
  const counts = summaries.map(([, failed, all]) => ({
    passed: Number(all) - Number(failed),
    failed: Number(failed),
    skipped: [],
  }));
  return sum(counts);
}

/** The counts of mocha's `spec` output, for runs that start mocha by themselves. A skip there has no reason: it has failed. */
export function specTally(output: string): Tally | undefined {
  const count = (word: string) => Number(new RegExp(`^ +(\\d+) ${word}\\b`, "m").exec(output)?.[1] ?? Number.NaN);
  const passed = count("passing");
  if (Number.isNaN(passed)) return undefined;
  return { passed, failed: (count("failing") || 0) + (count("pending") || 0), skipped: [] };
}

/** One test for a run of libFuzzer that came to its end. */
export function fuzzTally(output: string): Tally | undefined {
  return /^Done \d+ runs in/m.test(output) ? { ...NOTHING, passed: 1 } : undefined;
}
