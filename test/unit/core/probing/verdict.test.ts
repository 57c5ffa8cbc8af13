import assert from "node:assert/strict";
import type { Verdict } from "../../../../src/core/probing/verdict.ts";
import { failureVerdict, isRepairedByProbes } from "../../../../src/core/probing/verdict.ts";
import { Bench, linkOf, PAIR, type Setting, STEP_MS } from "./support.ts";

const DUAL: Setting = {
  members: { a: ["192.0.2.21/24", "fe80::21/64"], b: ["192.0.2.22/24", "fe80::22/64"] },
  targets: ["192.0.2.1", "fe80::1"],
};

const verdict = (bench: Bench, name: string): Verdict => failureVerdict(bench.group, bench.member(name));
const isRepaired = (bench: Bench, name: string) => isRepairedByProbes(bench.group, bench.member(name));

/** Every instance has had an answer, so that all are judged. */
function warm(setting: Setting): Bench {
  const bench = new Bench(setting);
  for (const { configuration, instances } of bench.group.members) {
    for (const family of [4, 6] as const) {
      if (instances[family].testAddress !== undefined) bench.probe(configuration.name, "answered", { family });
    }
  }
  return bench;
}

describe("failure by probes", () => {
  it("T31: five lost in a row while another member is answered: this member failed, the other one is not touched", () => {
    const bench = warm(PAIR);
    bench.many(4, "a", "lost");
    assert.equal(verdict(bench, "a"), "none");
    bench.probe("b", "answered");
    bench.probe("a", "lost");
    assert.deepEqual([verdict(bench, "a"), verdict(bench, "b")], ["interface", "none"]);
  });

  it("T32: four lost, the fifth answered: no failure, and the count starts anew", () => {
    const bench = warm(PAIR);
    bench.many(4, "a", "lost");
    bench.probe("a", "answered");
    bench.many(4, "a", "lost");
    assert.equal(verdict(bench, "a"), "none");
    bench.probe("a", "lost");
    assert.equal(verdict(bench, "a"), "group");
  });

  it("T37: all targets dead: the group failed", () => {
    const bench = warm(PAIR);
    for (let round = 0; round < 5; round++) for (const name of ["a", "b"]) bench.probe(name, "lost");
    assert.deepEqual([verdict(bench, "a"), verdict(bench, "b")], ["group", "group"]);
  });

  it("one whose targets are all lost is not judged by answers of targets that it could ask and does not", () => {
    const bench = warm(PAIR);
    const [a, b] = [bench.instance("a"), bench.instance("b")];
    b.targets.replaceNamed("192.0.2.101", bench.now);
    bench.many(5, "a", "lost");
    bench.probe("b", "answered", { target: "192.0.2.101" });
    assert.equal(verdict(bench, "a"), "targets");
    // A target that it has given up it has asked, too.
    a.targets.replaceNamed("192.0.2.101", bench.now);
    assert.equal(verdict(bench, "a"), "interface");
  });

  it("one that can not reach the targets of others is judged by their answers", () => {
    const members = { a: ["192.0.2.21/24"], b: ["198.51.100.22/24"] };
    const bench = warm({ members, targets: ["192.0.2.1", "198.51.100.1"] });
    bench.many(5, "a", "lost");
    bench.probe("b", "answered");
    assert.equal(verdict(bench, "a"), "interface");
  });

  it("T24: the only member: every failure is one of the group", () => {
    const bench = warm({ members: { a: ["192.0.2.21/24"] }, targets: ["192.0.2.1"] });
    bench.many(5, "a", "lost");
    assert.equal(verdict(bench, "a"), "group");
  });

  it("T56: beside a link-only member with its link up it is this member that failed", () => {
    const bench = warm({ ...PAIR, members: { a: ["192.0.2.21/24"], b: [] } });
    bench.many(5, "a", "lost");
    assert.equal(verdict(bench, "a"), "interface");
    const { link } = bench.member("b");
    bench.setLink(bench.member("b"), { ...linkOf(2, "b"), carrier: false });
    assert.equal(verdict(bench, "a"), "group");
    bench.setLink(bench.member("b"), link);
    bench.member("b").state = "offline";
    assert.equal(verdict(bench, "a"), "group");
  });

  it("T57: the other's last answer from before the first loss is no comfort, one from after it is", () => {
    for (const [offset, expected] of [
      [-1, "group"],
      [1, "interface"],
    ] as const) {
      const bench = warm(PAIR);
      const firstLossAt = bench.now + STEP_MS;
      bench.many(5, "a", "lost");
      bench.file("b", "answered", { sentAt: firstLossAt + offset });
      assert.equal(verdict(bench, "a"), expected);
    }
  });

  it("the answers of members that are not running count for nothing", () => {
    const bench = warm(PAIR);
    bench.many(5, "a", "lost");
    bench.probe("b", "answered");
    for (const state of ["no-targets", "failed"] as const) {
      bench.member("b").state = state;
      assert.equal(verdict(bench, "a"), "group");
    }
  });

  it("T41: one family dead, the other one alive: the member goes on", () => {
    const bench = warm(DUAL);
    bench.many(5, "a", "lost");
    bench.many(2, "a", "answered", { family: 6 });
    assert.equal(verdict(bench, "a"), "none");
    bench.many(5, "a", "lost", { family: 6 });
    assert.equal(verdict(bench, "a"), "group");
  });

  it("fail-on any-family: one dead family is enough", () => {
    const bench = warm({ ...DUAL, failOn: "any-family" });
    bench.many(5, "a", "lost");
    bench.probe("b", "answered", { family: 6 });
    assert.equal(verdict(bench, "a"), "group");
    bench.probe("b", "answered");
    assert.equal(verdict(bench, "a"), "interface");
  });

  it("the earlier of both families' first losses is what answers are compared with", () => {
    const bench = warm(DUAL);
    bench.many(3, "a", "lost");
    bench.probe("b", "answered");
    bench.many(5, "a", "lost", { family: 6 });
    bench.many(2, "a", "lost");
    assert.equal(verdict(bench, "a"), "interface");
  });

  it("in the anonymous group each member is judged by itself", () => {
    const bench = warm({ ...PAIR, anonymous: true });
    bench.route(1, "0.0.0.0/0", "192.0.2.1");
    bench.update();
    bench.probe("a", "answered");
    bench.many(5, "a", "lost");
    assert.equal(verdict(bench, "a"), "interface");
  });

  it("without a link or targets, probes say nothing", () => {
    const bench = warm(PAIR);
    bench.many(5, "a", "lost");
    bench.setLink(bench.member("a"), { ...linkOf(1, "a"), carrier: false });
    assert.equal(verdict(bench, "a"), "none");
    bench.setLink(bench.member("a"), undefined);
    assert.equal(verdict(bench, "a"), "none");
    const alone = new Bench({ members: { a: ["192.0.2.21/24"] } });
    assert.equal(verdict(alone, "a"), "none");
  });

  it("T46: a path that is dead from the beginning is no failure for 40 s", () => {
    const bench = new Bench(PAIR);
    while (bench.now + STEP_MS < 40_000) {
      bench.probe("a", "lost");
      assert.equal(verdict(bench, "a"), "none");
    }
    assert.ok(bench.probe("a", "lost").judge);
    assert.equal(verdict(bench, "a"), "group");
  });

  it("T47: the first answer ends these 40 s", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered");
    bench.many(5, "a", "lost");
    assert.equal(verdict(bench, "a"), "group");
  });

  it("T49: a late answer takes a loss back", () => {
    const bench = warm(PAIR);
    bench.many(5, "a", "lost");
    bench.file("a", "answered", { sequence: 3, sentAt: 3 * STEP_MS });
    assert.equal(verdict(bench, "a"), "none");
  });

  it("T54: what never left is held against nobody", () => {
    const bench = warm(PAIR);
    bench.many(4, "a", "lost");
    bench.many(20, "a", "unsent");
    bench.many(20, "a", "refused");
    assert.equal(verdict(bench, "a"), "none");
    bench.probe("a", "lost");
    assert.equal(verdict(bench, "a"), "group");
  });
});

describe("repair by probes", () => {
  function failed(setting: Setting): Bench {
    const bench = warm(setting);
    bench.many(5, "a", "lost");
    bench.member("a").state = "failed";
    return bench;
  }

  it("T34: ten answers in a row", () => {
    const bench = failed(PAIR);
    bench.many(9, "a", "answered");
    assert.equal(isRepaired(bench, "a"), false);
    assert.ok(bench.probe("a", "answered").judge);
    assert.ok(isRepaired(bench, "a"));
  });

  it("T35: nine good, one lost, ten good: repaired only after the last ten", () => {
    const bench = failed(PAIR);
    bench.many(9, "a", "answered");
    bench.probe("a", "lost");
    bench.many(9, "a", "answered");
    assert.equal(isRepaired(bench, "a"), false);
    bench.probe("a", "answered");
    assert.ok(isRepaired(bench, "a"));
  });

  it("T42: ten answers by one family do; with fail-on any-family both have to give them", () => {
    for (const failOn of ["all-families", "any-family"] as const) {
      const bench = failed({ ...DUAL, failOn });
      bench.many(10, "a", "answered", { family: 6 });
      assert.equal(isRepaired(bench, "a"), failOn === "all-families");
      bench.many(10, "a", "answered");
      assert.ok(isRepaired(bench, "a"));
    }
  });

  it("T45: one of two routers is dead: ten answers in a row by the other one do", () => {
    const bench = failed({ ...PAIR, targets: ["192.0.2.1", "192.0.2.2"] });
    for (let round = 0; round < 10; round++) {
      assert.equal(isRepaired(bench, "a"), false);
      bench.probe("a", "lost", { target: "192.0.2.1" });
      bench.probe("a", "answered", { target: "192.0.2.2" });
    }
    assert.ok(isRepaired(bench, "a"));
  });

  it("not while the link is down, and not without targets", () => {
    const bench = failed(PAIR);
    bench.many(10, "a", "answered");
    bench.setLink(bench.member("a"), { ...linkOf(1, "a"), carrier: false });
    assert.equal(isRepaired(bench, "a"), false);
    assert.equal(isRepaired(new Bench({ members: { a: [] } }), "a"), false);
  });
});
