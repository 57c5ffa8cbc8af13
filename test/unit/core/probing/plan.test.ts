import assert from "node:assert/strict";
import { probePlans } from "../../../../src/core/probing/plan.ts";
import { Bench, linkOf, PAIR } from "./support.ts";

const indexes = (bench: Bench) => probePlans(bench.group).map(({ index }) => index);

describe("probe plans", () => {
  it("name source, pace and targets of each instance that is probed", () => {
    const bench = new Bench({ ...PAIR, targets: ["192.0.2.1", "192.0.2.2"] });
    bench.probe("a", "answered", { target: "192.0.2.2" });
    assert.deepEqual(probePlans(bench.group)[0], {
      ...{ index: 1, family: 4, method: "echo", source: "192.0.2.21", discover: false },
      ...{ intervalMs: 1428, detectionIntervalMs: 1428 },
      targets: [
        { address: "192.0.2.1", timeoutMs: 1428 },
        { address: "192.0.2.2", timeoutMs: 714 },
      ],
    });
  });

  it("have one for each family", () => {
    const bench = new Bench({ members: { a: ["192.0.2.21/24", "fe80::21/64"] } });
    assert.deepEqual(
      probePlans(bench.group).map(({ source }) => source),
      ["192.0.2.21", "fe80::21"],
    );
  });

  it("T69: while the failure detection time is raised, counted probes leave at a longer step", () => {
    const bench = new Bench(PAIR);
    bench.group.detection.raise(1500, 0);
    const { intervalMs, detectionIntervalMs } = probePlans(bench.group)[0] ?? {};
    assert.deepEqual([intervalMs, detectionIntervalMs], [1428, 3000]);
  });

  it("T106: leave out members out of service, not there, without link, or without a usable address", () => {
    const bench = new Bench({
      members: Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`m${n}`, n === 6 ? [] : [`192.0.2.2${n}/24`]])),
    });
    bench.member("m1").state = "offline";
    bench.setLink(bench.member("m2"), undefined);
    bench.setLink(bench.member("m3"), { ...linkOf(3, "m3"), carrier: false });
    bench.instance("m4").usable = false;
    assert.deepEqual(indexes(bench), [5]);
    bench.instance("m5").duplicate = true;
    assert.deepEqual(indexes(bench), []);
  });

  it("failed members and those in reserve are probed like all others", () => {
    const bench = new Bench(PAIR);
    bench.member("a").state = "failed";
    bench.member("b").inactive = true;
    assert.deepEqual(indexes(bench), [1, 2]);
  });

  it("ask all hosts while nobody, or a single host, is known; and after one was dropped; and in doubt", () => {
    const bench = new Bench({ members: { a: ["192.0.2.21/24"] } });
    const asks = () => probePlans(bench.group)[0]?.discover;
    assert.equal(asks(), true);
    bench.file("a", "discovered", { from: "192.0.2.7" });
    assert.equal(asks(), true);
    bench.file("a", "discovered", { from: "192.0.2.8" });
    assert.equal(asks(), false);
    bench.instance("a").askingSince = 0;
    assert.equal(asks(), true);
    bench.instance("a").askingSince = undefined;
    bench.group.opinionUntil = 5000;
    assert.equal(asks(), true);
  });

  it("T39: do not ask while there are routers, living or dead", () => {
    const bench = new Bench(PAIR);
    bench.many(6, "a", "lost");
    assert.equal(probePlans(bench.group)[0]?.discover, false);
  });
});
