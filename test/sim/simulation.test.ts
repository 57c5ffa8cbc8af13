/** A hundred lives of a host; `npm run sim -- --seeds N` runs more, and shows the trace of what fails. */
import assert from "node:assert/strict";
import { ONCE_FAILED } from "./once-failed.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 100;
/** In one test: so few that a busy machine comes to their end in time. */
const PORTION = 25;

describe("simulation", () => {
  for (const [seed, found] of Object.entries(ONCE_FAILED)) {
    it(`finds nothing wrong any more in life ${seed}: ${found}`, () => {
      assert.equal(simulate(Number(seed))?.text, undefined);
    });
  }

  for (let first = 1; first <= SEEDS; first += PORTION) {
    const seeds = Array.from({ length: PORTION }, (_, at) => first + at);
    it(`finds nothing wrong in lives ${first} to ${first + PORTION - 1}`, () => {
      const failures = seeds.map((seed) => simulate(seed)).filter((one) => one !== undefined);
      assert.deepEqual(
        failures.map(({ seed, text }) => `seed ${seed}: ${text}`),
        [],
      );
    });
  }

  it("gives the same life for the same seed", () => {
    const trace = () => simulate(7, { traced: true, makeMachine: failingMachine })?.trace;
    assert.deepEqual(trace(), trace());
  });
});

/** Never does anything, so that the run ends with a failure and shows its trace. */
function failingMachine() {
  return {
    step: () => ({ actions: [], wakeAt: undefined }),
    snapshot: () => ({ groups: [], interfaces: [], addresses: [], targets: [] }),
  };
}
