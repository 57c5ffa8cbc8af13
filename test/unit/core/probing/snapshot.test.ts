import assert from "node:assert/strict";
import {
  familyProbes,
  isGroupProbed,
  memberProbeState,
  probeState,
  probeTargets,
} from "../../../../src/core/probing/snapshot.ts";
import { Bench, linkOf, PAIR, type Setting } from "./support.ts";

const DUAL: Setting = { members: { a: ["192.0.2.21/24", "fe80::21/64"] }, targets: ["192.0.2.1", "fe80::1"] };

const stateOf = (bench: Bench) => memberProbeState(bench.group, bench.member("a"));

/** One answer, and then five losses. */
function lose(bench: Bench, family: 4 | 6 = 4): void {
  bench.probe("a", "answered", { family });
  bench.many(5, "a", "lost", { family });
}

describe("what is shown of probes", () => {
  it("ok, unknown without anybody to probe, disabled without a test address", () => {
    assert.equal(stateOf(new Bench(PAIR)), "ok");
    assert.equal(stateOf(new Bench({ ...PAIR, targets: [] })), "unknown");
    assert.equal(stateOf(new Bench({ members: { a: [] } })), "disabled");
  });

  it("unknown while the kernel refuses to send them", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "refused");
    assert.equal(stateOf(bench), "unknown");
    bench.probe("a", "answered");
    assert.equal(stateOf(bench), "ok");
  });

  it("failed when five were lost, until ten were answered", () => {
    const bench = new Bench(PAIR);
    lose(bench);
    assert.equal(stateOf(bench), "failed");
    bench.member("a").state = "failed";
    bench.many(9, "a", "answered");
    assert.equal(stateOf(bench), "failed");
    bench.probe("a", "answered");
    assert.equal(stateOf(bench), "ok");
  });

  it("failed from the beginning where the member is known to have failed by its probes, until ten were answered", () => {
    for (const [reason, expected] of [
      ["probes-lost", "failed"],
      ["group-failure", "failed"],
      ["link-down", "ok"],
    ] as const) {
      const bench = new Bench(PAIR);
      const before = bench.instance("a").testAddress;
      bench.instance("a").testAddress = undefined;
      Object.assign(bench.member("a"), { state: "failed", reason });
      bench.update();
      assert.deepEqual([bench.instance("a").testAddress, stateOf(bench)], [before, expected]);
      bench.many(10, "a", "answered");
      assert.equal(stateOf(bench), "ok");
    }
  });

  it("T166: of a member whose link is down the probes tell nothing", () => {
    const bench = new Bench(PAIR);
    bench.setLink(bench.member("a"), { ...linkOf(1, "a"), carrier: false });
    assert.equal(stateOf(bench), "unknown");
  });

  it("the member is as its families are, as the group wants it", () => {
    for (const [failOn, expected] of [
      ["all-families", "ok"],
      ["any-family", "failed"],
    ] as const) {
      const bench = new Bench({ ...DUAL, failOn });
      assert.equal(stateOf(bench), "ok");
      lose(bench);
      assert.deepEqual([probeState(bench.member("a"), bench.instance("a")), stateOf(bench)], ["failed", expected]);
      lose(bench, 6);
      assert.equal(stateOf(bench), "failed");
    }
  });

  it("the failure detection time means something while any member is probed", () => {
    assert.ok(isGroupProbed(new Bench(PAIR).group));
    assert.equal(isGroupProbed(new Bench({ members: { a: [] } }).group), false);
  });

  it("counters per family that has a test address", () => {
    const bench = new Bench(PAIR);
    const rows = () => familyProbes(bench.member("a"), (ms) => `at ${ms}`);
    const none = { family: 4, probe: "ok", answered: 0, lost: 0, unsent: 0, ambiguous: 0 };
    assert.deepEqual(rows(), [{ ...none, lastAnswer: null }]);
    bench.now = 0;
    bench.file("a", "answered");
    bench.file("a", "lost");
    bench.file("a", "unsent");
    assert.deepEqual(rows(), [{ ...none, answered: 1, lost: 1, unsent: 1, lastAnswer: "at 0" }]);
  });
});

describe("whom each member probes, as it is shown", () => {
  const shown = (bench: Bench) =>
    probeTargets(bench.group, bench.member("a")).map(
      ({ family, mode, testAddress, targets }) =>
        `${family} ${mode} ${testAddress}: ${targets.map(({ address, state }) => `${address} ${state}`).join(", ")}`,
    );

  it("T167: a row for each family that is probed, or one that says disabled", () => {
    assert.deepEqual(shown(new Bench(DUAL)), [
      "4 routes 192.0.2.21: 192.0.2.1 active",
      "6 routes fe80::21: fe80::1 active",
    ]);
    assert.deepEqual(shown(new Bench({ members: { a: ["fe80::21/64"] } })), ["6 multicast fe80::21: "]);
    assert.deepEqual(shown(new Bench({ members: { a: [] } })), ["null disabled null: "]);
  });

  it("those that are not probed come last", () => {
    const bench = new Bench({ ...PAIR, targets: ["192.0.2.1", "192.0.2.2"] });
    const first = bench.instance("a").targets.active[0];
    assert.ok(first);
    bench.instance("a").targets.setAside(first, "slow", 0);
    assert.deepEqual(shown(bench), ["4 routes 192.0.2.21: 192.0.2.2 active, 192.0.2.1 slow"]);
  });

  it("hosts in the place of dead routers were found by multicast", () => {
    const bench = new Bench(PAIR);
    bench.instance("a").targets.replaceNamed("192.0.2.7", 0);
    assert.deepEqual(shown(bench), ["4 multicast 192.0.2.21: 192.0.2.7 active, 192.0.2.1 dead"]);
  });

  it("T60: with mean and deviation once there was an answer", () => {
    const bench = new Bench(PAIR);
    const target = { address: "192.0.2.1", kind: "configured", state: "active" };
    assert.deepEqual(probeTargets(bench.group, bench.member("a"))[0]?.targets, [
      { ...target, meanMs: null, deviationMs: null },
    ]);
    bench.probe("a", "answered", { roundTripMs: 10 });
    assert.deepEqual(probeTargets(bench.group, bench.member("a"))[0]?.targets, [
      { ...target, meanMs: 10, deviationMs: 5 },
    ]);
  });
});
