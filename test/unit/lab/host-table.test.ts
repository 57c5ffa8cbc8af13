import assert from "node:assert/strict";
import { HOST_FACTORS, hostTable, IMPOSSIBLE } from "../../support/host-table.ts";
import { type Factors, type Impossible, pairsIn, pairwise, possiblePairs } from "../../support/pairwise.ts";

const CAR = { engine: ["petrol", "none"], doors: ["two", "four"], exhaust: ["one", "none"] } as const;
const NEITHER: Impossible<typeof CAR>[] = [
  { these: { engine: "none", exhaust: "one" }, why: "nothing burns" },
  { these: { engine: "petrol", exhaust: "none" }, why: "it would stifle" },
];

/** The pairs that could be and are not there, and those that are there and can not be. */
function faults<F extends Factors>(factors: F, impossible: readonly Impossible<F>[], seed: number): string[] {
  const rows = pairwise(factors, impossible, seed);
  const possible = possiblePairs(factors, impossible);
  const present = new Set(rows.flatMap((row) => pairsIn(row)));
  return [...[...possible].filter((key) => !present.has(key)), ...[...present].filter((key) => !possible.has(key))];
}

describe("combinations of hosts", () => {
  it("hold every pair of values that can be, and no other", () => {
    for (const seed of [1, 2]) {
      assert.deepEqual(faults(CAR, NEITHER, seed), []);
      assert.deepEqual(faults(HOST_FACTORS, IMPOSSIBLE, seed), []);
    }
  });

  it("are few", () => {
    assert.equal(pairwise(CAR, NEITHER, 1).length, 4);
    const { length } = hostTable();
    assert.ok(length >= 20 && length <= 40, `${length} hosts`);
  });

  it("are the same for the same seed", () => {
    assert.deepEqual(hostTable(), hostTable());
    assert.notDeepEqual(pairwise(CAR, NEITHER, 1), pairwise(CAR, NEITHER, 2));
  });

  it("name a pair that no combination can hold", () => {
    const stuck = [...NEITHER, { these: { doors: "two", exhaust: "none" }, why: "for the test" }] as const;
    assert.throws(() => pairwise(CAR, stuck, 1), /no combination holds doors=two & engine=none/);
  });
});
