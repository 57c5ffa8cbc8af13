import assert from "node:assert/strict";
import { Bench, PAIR } from "./support.ts";

describe("a target that answers only what is sent to all", () => {
  it("is told once, with the member, and once more when it is over", () => {
    const bench = new Bench(PAIR);
    bench.many(2, "a", "answered", { astray: true });
    bench.probe("b", "answered");
    const names = { interface: "a", group: "g", family: 4 };
    assert.deepEqual(bench.said.splice(0), [{ id: "target-astray", ...names, target: "192.0.2.1" }]);
    bench.probe("a", "lost");
    assert.deepEqual(bench.heard(), []);
    bench.many(2, "a", "answered");
    assert.deepEqual(bench.said, [{ id: "target-direct", ...names, target: "192.0.2.1" }]);
  });
});
