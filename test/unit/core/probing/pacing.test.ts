import assert from "node:assert/strict";
import { clearHistory } from "../../../../src/core/probing/instance.ts";
import { timeoutOf } from "../../../../src/core/probing/pacing.ts";
import { RoundTrip } from "../../../../src/core/probing/round-trip.ts";
import { Bench, NOTHING, PAIR, PLAN, type Setting, STEP_MS } from "./support.ts";

const ROUTERS = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
const SLOW_MS = 700;

function routers(count: number, more: Setting = {}): Bench {
  const bench = new Bench({ members: { a: ["192.0.2.21/24"] }, targets: ROUTERS.slice(0, count), ...more });
  for (const target of ROUTERS.slice(0, count))
    for (let n = 0; n < 60; n++) bench.probe("a", "answered", { target, roundTripMs: 10 });
  return bench;
}

/** Two slow answers in a row, since one alone might be a spike. */
function slow(bench: Bench, roundTripMs = SLOW_MS, name = "a"): ReturnType<Bench["probe"]> {
  bench.probe(name, "answered", { target: "192.0.2.1", roundTripMs });
  return bench.probe(name, "answered", { target: "192.0.2.1", roundTripMs });
}

function raised(setting: Setting = {}): Bench {
  const bench = routers(1, setting);
  slow(bench, 3000);
  assert.ok(bench.group.detection.isRaised);
  return bench;
}

describe("the pace of probes", () => {
  it("T64: one slow router among four is left out, and the failure detection time stays", () => {
    const bench = routers(4);
    assert.deepEqual(slow(bench, 1500), PLAN);
    assert.deepEqual(bench.said, [
      { id: "target-too-slow", interface: "a", group: "g", family: 4, target: "192.0.2.1" },
    ]);
    assert.equal(bench.targets("a"), "192.0.2.2 192.0.2.3 192.0.2.4");
    assert.deepEqual([bench.group.detection.effectiveMs, bench.instance("a").targets.all[0]?.state], [10_000, "slow"]);
    bench.now += 58_000;
    bench.probe("a", "answered");
    assert.equal(bench.instance("a").targets.all[0]?.state, "slow");
    bench.probe("a", "answered");
    assert.equal(bench.targets("a"), ROUTERS.join(" "));
  });

  it("T65: with three the failure detection time is raised instead", () => {
    const bench = routers(3);
    assert.deepEqual(slow(bench, 1500), PLAN);
    const { effectiveMs, detectionIntervalMs } = bench.group.detection;
    assert.equal(effectiveMs, 7 * detectionIntervalMs);
    const names = { interface: "a", group: "g", family: 4 } as const;
    assert.deepEqual(bench.said, [{ id: "detection-time-raised", ...names, configuredMs: 10_000, effectiveMs }]);
  });

  it("a slow one is no exception where another one is not fast either", () => {
    const bench = routers(4);
    for (let n = 0; n < 6; n++) bench.probe("a", "answered", { target: "192.0.2.2", roundTripMs: 400 });
    slow(bench, 1500);
    assert.deepEqual(bench.heard(), ["detection-time-raised"]);
  });

  it("one that needs more than the cap is left out while any other one is there", () => {
    const bench = routers(2, { failureDetectionTimeCapMs: 15_000 });
    slow(bench, 3000);
    assert.deepEqual([bench.heard(), bench.targets("a")], [["target-too-slow"], "192.0.2.2"]);
  });

  it("the only one raises the time as far as the cap, and no further", () => {
    const bench = routers(1, { failureDetectionTimeCapMs: 15_000 });
    slow(bench, 3000);
    assert.equal(bench.group.detection.effectiveMs, 15_000);
    assert.deepEqual([slow(bench, 3000), bench.heard()], [NOTHING, ["detection-time-raised"]]);
  });

  it("T66: once all are fast the time comes down", () => {
    const bench = raised({ members: { a: ["192.0.2.21/24"], b: ["192.0.2.22/24"], c: ["192.0.2.23/24"] } });
    bench.heard();
    // A member that has failed, and one that was never answered, do not stand in the way.
    bench.member("c").state = "failed";
    bench.instance("c").targets.all[0]?.roundTrip.sample(5000, 1e9);
    bench.now += 60_000;
    bench.many(80, "a", "answered", { roundTripMs: 1 });
    assert.ok(bench.heard().every((id) => id === "detection-time-lowered"));
    assert.equal(bench.group.detection.effectiveMs, 10_000);
  });

  it("T67: not within a minute, and not while any target of the group is slow", () => {
    const bench = raised({ members: { a: ["192.0.2.21/24"], b: ["192.0.2.22/24"] } });
    const raisedMs = bench.group.detection.effectiveMs;
    const raisedAt = bench.now;
    while (bench.now + STEP_MS < raisedAt + 59_000) bench.probe("a", "measured", { roundTripMs: 1 });
    assert.equal(bench.group.detection.effectiveMs, raisedMs);
    bench.instance("b").targets.all[0]?.roundTrip.sample(5000, 1e9);
    bench.many(30, "a", "measured", { roundTripMs: 1 });
    assert.equal(bench.group.detection.effectiveMs, raisedMs);
  });

  it("T69: probes that only measure bring it down, too", () => {
    const bench = raised();
    bench.now += 60_000;
    const results = Array.from({ length: 80 }, () => bench.probe("a", "measured", { roundTripMs: 1 }));
    assert.ok(results.some(({ planChanged }) => planChanged));
    assert.equal(bench.group.detection.isRaised, false);
    assert.equal(bench.instance("a").history.next, 62);
  });

  it("of the anonymous group nothing is said", () => {
    const bench = new Bench({ members: { a: ["192.0.2.21/24"] }, anonymous: true });
    bench.file("a", "discovered", { from: "192.0.2.1" });
    bench.probe("a", "answered");
    slow(bench, 3000);
    assert.deepEqual([bench.heard(), bench.group.detection.isRaised], [[], true]);
  });
});

describe("round trips that are not taken", () => {
  const mean = (bench: Bench) => bench.instance("a").targets.get("192.0.2.1")?.roundTrip.meanMs;

  it("T70: while the member has failed", () => {
    const bench = new Bench(PAIR);
    bench.member("a").state = "failed";
    bench.probe("a", "answered");
    bench.probe("a", "measured");
    assert.equal(mean(bench), undefined);
    bench.member("a").state = "running";
    bench.probe("a", "answered");
    assert.equal(mean(bench), 1);
  });

  it("slow ones of the first answer after a start or a link that was down, and of what left before that arrived", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered", { roundTripMs: 1200 });
    bench.now += STEP_MS;
    bench.file("a", "answered", { roundTripMs: 1200, sentAt: STEP_MS + 800 });
    assert.equal(mean(bench), undefined);
    bench.probe("a", "answered", { roundTripMs: 400 });
    assert.equal(mean(bench), 400);
    clearHistory(bench.instance("a"), bench.now);
    bench.probe("a", "answered", { roundTripMs: 1200 });
    bench.probe("a", "answered", { roundTripMs: 400 });
    assert.equal(mean(bench), 400);
  });

  it("those that came in one lump, save the first, which the next one shows to be an exception", () => {
    const bench = routers(2);
    const sentAt = bench.now;
    bench.now += 5 * STEP_MS;
    for (const step of [1, 2, 3, 4]) {
      const target = ROUTERS[step % 2] ?? "";
      bench.file("a", "answered", { target, sentAt: sentAt + step * STEP_MS, roundTripMs: (5 - step) * STEP_MS });
    }
    bench.many(2, "a", "answered", { target: "192.0.2.1" });
    assert.deepEqual(
      [bench.heard(), bench.group.detection.isRaised, bench.targets("a")],
      [[], false, "192.0.2.1 192.0.2.2"],
    );
  });

  it("negative ones, which are told", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered", { roundTripMs: -5 });
    bench.probe("a", "measured", { roundTripMs: -5 });
    const [told, ...rest] = bench.said;
    assert.deepEqual(rest, []);
    assert.ok(told?.id === "reply-before-probe" && told.now === told.sentAt - 5, JSON.stringify(told));
    assert.deepEqual([mean(bench), bench.instance("a").history.answeredRun(0)], [undefined, 1]);
  });

  it("longer than the memory, of a probe that was overtaken, or of a target that is left out", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered", { roundTripMs: 53 * STEP_MS });
    assert.equal(mean(bench), undefined);
    bench.probe("a", "lost");
    bench.probe("a", "answered");
    bench.file("a", "answered", { sequence: 1, sentAt: STEP_MS, roundTripMs: 100 });
    assert.equal(mean(bench), 1);
    const two = new Bench({ ...PAIR, targets: ["192.0.2.1", "192.0.2.2"] });
    two.instance("a").targets.setAside(two.instance("a").targets.active[0] as never, "slow", 0);
    two.probe("a", "answered", { target: "192.0.2.1" });
    two.probe("a", "measured", { target: "192.0.2.77" });
    assert.equal(mean(two), undefined);
  });
});

describe("time limits", () => {
  it("are whole eighths of the step, at least half of it, and all of it before the first answer", () => {
    const of = (conservativeMs: number) => timeoutOf({ conservativeMs } as RoundTrip, 800);
    assert.deepEqual([0, 1, 400, 401, 500, 799, 5000].map(of), [800, 400, 400, 500, 500, 800, 800]);
    assert.equal(timeoutOf(new RoundTrip(), 10 / 7), 10 / 7);
  });
});
