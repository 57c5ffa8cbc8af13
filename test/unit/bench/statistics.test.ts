import assert from "node:assert/strict";
import { summarize } from "../../bench/statistics.ts";

describe("summarize", () => {
  it("takes the middle one of an odd number, in whatever order they come", () => {
    assert.deepEqual(summarize([30, 1, 2]), { count: 3, median: 2, min: 1, max: 30 });
  });

  it("takes the mean of the middle two of an even number", () => {
    assert.deepEqual(summarize([4, 1, 3, 100]), { count: 4, median: 3.5, min: 1, max: 100 });
  });

  it("is itself for a single value", () => {
    assert.deepEqual(summarize([7]), { count: 1, median: 7, min: 7, max: 7 });
  });

  it("refuses to sum up nothing", () => {
    assert.throws(() => summarize([]), RangeError);
  });
});
