/** The simulation must catch every planted bug: a checker that no bug can trip is no checker. */
import assert from "node:assert/strict";
import { SABOTEURS } from "./saboteurs.ts";
import { simulate } from "./simulation.ts";

/** How many lives a planted bug may survive. Some show in one of fifteen only: forty lives they would survive now and then. */
const SEEDS = 100;

describe("simulation canary", () => {
  for (const { bug, make } of SABOTEURS) {
    it(`catches a machine that ${bug}`, () => {
      for (let seed = 1; seed <= SEEDS; seed++) if (simulate(seed, { makeMachine: make }) !== undefined) return;
      assert.fail(`a machine that ${bug} survived ${SEEDS} seeds`);
    });
  }
});
