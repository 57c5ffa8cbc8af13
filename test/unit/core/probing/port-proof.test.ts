import assert from "node:assert/strict";
import { Bench, JUDGE, NOTHING } from "./support.ts";

const NEIGHBOUR = "192.0.2.7";

/** Its link has come up, and it waits for its switch port. */
function waiting(): Bench {
  const bench = new Bench({ members: { a: [], b: [] }, linkUpDelayMs: 30_000 });
  bench.now = 1000;
  Object.assign(bench.member("a"), { state: "failed", reason: "link-up-delay", upSince: 1000 });
  return bench;
}

describe("proof that a switch port forwards", () => {
  it("is the first answer of a neighbour, and no later one", () => {
    const bench = waiting();
    assert.deepEqual(bench.probe("a", "answered", { target: NEIGHBOUR }), JUDGE);
    assert.equal(bench.member("a").upSince, undefined);
    assert.deepEqual(bench.said, [{ id: "port-forwards", interface: "a", group: "g", neighbour: NEIGHBOUR }]);
    assert.deepEqual(bench.probe("a", "answered", { target: NEIGHBOUR }), NOTHING);
  });

  it("is nothing that anybody else sends, nor what was asked before its link came up, nor a loss", () => {
    const bench = waiting();
    assert.deepEqual(bench.probe("a", "answered", { target: NEIGHBOUR, from: "192.0.2.8" }), NOTHING);
    assert.deepEqual(bench.probe("a", "answered", { target: NEIGHBOUR, sentAt: 999 }), NOTHING);
    assert.deepEqual(bench.probe("a", "lost", { target: NEIGHBOUR }), NOTHING);
    assert.equal(bench.member("a").upSince, 1000);
  });

  it("is of no use to who does not wait", () => {
    assert.deepEqual(waiting().probe("b", "answered", { target: NEIGHBOUR }), NOTHING);
  });
});
