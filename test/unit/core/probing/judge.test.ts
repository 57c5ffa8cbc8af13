import assert from "node:assert/strict";
import { forgetProbes } from "../../../../src/core/probing/effects.ts";
import { Bench, BOTH, JUDGE, linkOf, NOTHING, PAIR, PLAN, type Setting, STEP_MS } from "./support.ts";

const HOSTS: Setting = { members: { a: ["192.0.2.21/24"], b: ["192.0.2.22/24"] } };

function withHosts(...addresses: readonly string[]): Bench {
  const bench = new Bench(HOSTS);
  for (const from of addresses) bench.file("a", "discovered", { from });
  return bench;
}

const countersOf = (bench: Bench, name: string) => bench.instance(name).counters;

describe("results of probes", () => {
  it("an answer is counted, and has no consequence while all is well", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered");
    assert.deepEqual(bench.probe("a", "answered"), NOTHING);
    const { answered, lastAnswerAt } = countersOf(bench, "a");
    assert.deepEqual([answered, lastAnswerAt], [2, 2 * STEP_MS]);
  });

  it("the first answer of a target makes its time limit shorter, and so a new plan", () => {
    assert.deepEqual(new Bench(PAIR).probe("a", "answered"), PLAN);
  });

  it("five losses are to be judged, and losses of a member that does not function are not", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered");
    assert.deepEqual(bench.many(4, "a", "lost"), NOTHING);
    assert.deepEqual(bench.probe("a", "lost"), JUDGE);
    bench.member("a").state = "failed";
    assert.deepEqual(bench.probe("a", "lost"), NOTHING);
    assert.equal(countersOf(bench, "a").lost, 6);
  });

  it("the same loss twice counts once", () => {
    const bench = new Bench(PAIR);
    bench.many(2, "a", "lost", { sequence: 7, sentAt: 5 });
    assert.equal(countersOf(bench, "a").lost, 1);
  });

  it("T27: nothing is believed while the link is down", () => {
    const bench = new Bench(PAIR);
    bench.setLink(bench.member("a"), { ...linkOf(1, "a"), carrier: false });
    assert.deepEqual(bench.probe("a", "answered"), NOTHING);
    assert.equal(countersOf(bench, "a").answered, 0);
  });

  it("T36: nor what was under way when the link went down", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered");
    forgetProbes(bench.member("a"), bench.now + 10);
    bench.probe("a", "answered", { sentAt: bench.now });
    assert.equal(bench.instance("a").history.answeredRun(0), 0);
    bench.probe("a", "answered");
    assert.equal(bench.instance("a").history.answeredRun(0), 1);
  });

  it("nothing is believed of an instance that is not probed", () => {
    const bench = new Bench(PAIR);
    assert.deepEqual(bench.probe("a", "answered", { family: 6 }), NOTHING);
    assert.equal(bench.instance("a", 6).history.next, 0);
  });

  it("nothing is believed that has no number, or no time", () => {
    const bench = new Bench(PAIR);
    for (const sequence of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const kind of ["answered", "lost", "unsent"] as const) {
        assert.deepEqual(bench.probe("a", kind, { sequence }), NOTHING);
      }
    }
    assert.deepEqual(bench.probe("a", "answered", { roundTripMs: Number.NaN }), NOTHING);
    assert.equal(bench.instance("a").history.next, 0);
    assert.equal(countersOf(bench, "a").answered, 0);
  });

  it("numbers that begin anew are taken for what they are", () => {
    const bench = new Bench(PAIR);
    bench.many(100, "a", "answered");
    bench.probe("a", "answered", { sequence: 1 });
    bench.probe("a", "lost", { sequence: 2 });
    assert.deepEqual([bench.instance("a").history.next, bench.instance("a").history.lostRun()], [3, 1]);
    assert.equal(countersOf(bench, "a").ambiguous, 0);
  });
});

describe("replies that fit no probe", () => {
  it("T50: older than the memory of 52: noted, and counted for nothing", () => {
    const bench = new Bench(PAIR);
    bench.many(60, "a", "answered");
    assert.deepEqual(bench.file("a", "answered", { sequence: 3, sentAt: 3 }), NOTHING);
    const names = { interface: "a", group: "g", family: 4, from: "192.0.2.1" };
    assert.deepEqual(bench.said, [{ id: "reply-out-of-window", ...names, sequence: 3, next: 60 }]);
    assert.equal(countersOf(bench, "a").ambiguous, 1);
  });

  it("T51: from somebody who was not asked", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered", { from: "192.0.2.9" });
    assert.deepEqual(bench.heard(), ["reply-fake"]);
    assert.deepEqual([countersOf(bench, "a").ambiguous, countersOf(bench, "a").answered], [1, 0]);
  });

  it("T52: the second one to the same probe", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered");
    bench.file("a", "answered", { sequence: 0, sentAt: bench.now });
    assert.deepEqual(bench.heard(), ["reply-repeated"]);
    assert.deepEqual([countersOf(bench, "a").ambiguous, countersOf(bench, "a").answered], [1, 1]);
  });

  it("many of a kind: counted, and told again after a minute only", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered");
    const sentAt = bench.now;
    for (let again = 0; again < 100; again++) bench.file("a", "answered", { sequence: 0, sentAt });
    assert.deepEqual(bench.heard(), ["reply-repeated"]);
    bench.file("a", "answered", { sequence: 0, sentAt, from: "192.0.2.9" });
    assert.deepEqual(bench.heard(), ["reply-fake"]);
    bench.now += 60_000;
    bench.file("a", "answered", { sequence: 0, sentAt });
    assert.deepEqual(bench.heard(), ["reply-repeated"]);
    assert.equal(countersOf(bench, "a").ambiguous, 102);
  });

  it("by a target that is none any more: counted, not told", () => {
    const bench = new Bench(PAIR);
    assert.deepEqual(bench.probe("a", "answered", { target: "192.0.2.77" }), NOTHING);
    assert.deepEqual([bench.heard(), countersOf(bench, "a").ambiguous], [[], 1]);
    bench.probe("a", "lost", { target: "192.0.2.77" });
    assert.deepEqual([countersOf(bench, "a").lost, bench.instance("a").history.lostRun()], [0, 0]);
  });
});

describe("probes that never left", () => {
  it("are counted, and a refusal is told once until an answer comes", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "unsent");
    bench.many(2, "a", "refused");
    assert.deepEqual(bench.said, [
      { id: "probe-refused", interface: "a", group: "g", family: 4, code: "EPERM", text: "" },
    ]);
    bench.probe("a", "refused", { code: "ENETUNREACH" });
    bench.probe("a", "answered");
    bench.probe("a", "refused", { code: "ENETUNREACH" });
    assert.equal(bench.heard().length, 3);
    assert.equal(countersOf(bench, "a").unsent, 5);
    bench.file("a", "unsent", { sequence: 0 });
    assert.equal(countersOf(bench, "a").unsent, 5);
  });
});

describe("bad targets", () => {
  const routers = { ...PAIR, targets: ["192.0.2.1", "192.0.2.2", "192.0.2.3"] };

  function lose(bench: Bench, rounds: number, dead: string, alive: string): ReturnType<Bench["probe"]> {
    for (let round = 1; round < rounds; round++) {
      bench.probe("a", "answered", { target: alive });
      bench.probe("a", "lost", { target: dead });
    }
    bench.probe("a", "answered", { target: alive });
    return bench.probe("a", "lost", { target: dead });
  }

  it("a router that gives no answer five times is not dead where others give as few", () => {
    const bench = new Bench({ ...PAIR, targets: ["192.0.2.1", "192.0.2.2"] });
    bench.many(4, "a", "answered");
    for (let round = 0; round < 5; round++) {
      bench.probe("a", "lost", { target: "192.0.2.1" });
      bench.probe("a", round % 2 === 0 ? "lost" : "answered", { target: "192.0.2.2" });
      if (round === 3) bench.probe("a", "answered", { target: "192.0.2.2" });
    }
    assert.equal(bench.targets("a"), "192.0.2.1 192.0.2.2");
  });

  it("a router that gives no answer five times while another one does is dead, and the member is not", () => {
    const bench = new Bench(routers);
    assert.deepEqual(lose(bench, 4, "192.0.2.1", "192.0.2.2"), NOTHING);
    assert.deepEqual(lose(bench, 1, "192.0.2.1", "192.0.2.2"), PLAN);
    assert.equal(bench.targets("a"), "192.0.2.2 192.0.2.3");
    // What was still under way to it changes nothing.
    assert.deepEqual(bench.probe("a", "lost", { target: "192.0.2.1" }), NOTHING);
  });

  it("it is left alone while the member has failed, as in the original", () => {
    const bench = new Bench(routers);
    bench.member("a").state = "failed";
    lose(bench, 6, "192.0.2.1", "192.0.2.2");
    assert.equal(bench.instance("a").targets.activeCount, 3);
  });

  it("it comes back by and by, with the results of the others", () => {
    const bench = new Bench(routers);
    lose(bench, 5, "192.0.2.1", "192.0.2.2");
    bench.now += 60_000;
    assert.equal(bench.probe("a", "answered", { target: "192.0.2.2" }).planChanged, true);
    assert.equal(bench.instance("a").targets.get("192.0.2.1")?.state, "slow");
    bench.now += 60_000;
    bench.probe("a", "answered", { target: "192.0.2.2" });
    assert.equal(bench.instance("a").targets.activeCount, 3);
  });

  it("T44: one of three hosts is dead: it is dropped, and others are asked for once", () => {
    const bench = withHosts("192.0.2.7", "192.0.2.8", "192.0.2.9");
    assert.deepEqual(lose(bench, 5, "192.0.2.7", "192.0.2.8"), PLAN);
    assert.equal(bench.targets("a"), "192.0.2.8 192.0.2.9");
    assert.equal(bench.instance("a").askingSince, bench.now);
    const late = bench.now - 10;
    assert.deepEqual(bench.file("a", "answered", { sentAt: late }), NOTHING);
    assert.equal(bench.probe("a", "answered").planChanged, true);
    assert.equal(bench.instance("a").askingSince, undefined);
  });

  it("the last host is dropped, too: there is nobody to probe then", () => {
    const bench = withHosts("192.0.2.7", "192.0.2.8");
    lose(bench, 4, "192.0.2.7", "192.0.2.8");
    bench.probe("a", "answered", { target: "192.0.2.8" });
    bench.instance("a").targets.setAside(bench.instance("a").targets.hosts[1] as never, "dead", bench.now);
    assert.deepEqual(bench.probe("a", "lost", { target: "192.0.2.7" }), BOTH);
    assert.deepEqual([bench.targets("a"), bench.instance("a").history.next], ["", 0]);
  });
});

describe("hosts that answer", () => {
  it("T80: one that a member found is a target of the others, too", () => {
    const bench = new Bench(HOSTS);
    assert.deepEqual(bench.file("a", "discovered", { from: "192.0.2.7" }), BOTH);
    assert.deepEqual([bench.targets("a"), bench.targets("b")], ["192.0.2.7", "192.0.2.7"]);
    assert.deepEqual(bench.file("b", "discovered", { from: "192.0.2.7" }), NOTHING);
  });

  it("in the anonymous group each is on its own", () => {
    const bench = new Bench({ ...HOSTS, anonymous: true });
    bench.file("a", "discovered", { from: "192.0.2.7" });
    assert.deepEqual([bench.targets("a"), bench.targets("b")], ["192.0.2.7", ""]);
  });

  it("T79: an address of our own, or of another subnet, is no target", () => {
    const bench = new Bench(HOSTS);
    bench.putAddress(9, "192.0.2.7");
    for (const from of ["192.0.2.7", "192.0.2.22", "198.51.100.7", "0.0.0.0"]) {
      assert.deepEqual(bench.file("a", "discovered", { from }), NOTHING);
    }
    assert.equal(bench.targets("a"), "");
  });

  it("nor is a global address of IPv6, from where it answered", () => {
    const bench = new Bench({ members: { a: ["fe80::21/64"] } });
    assert.deepEqual(bench.file("a", "discovered", { family: 6, from: "2001:db8::7" }), NOTHING);
    assert.deepEqual(bench.file("a", "discovered", { family: 6, from: "fe80::7" }), BOTH);
  });

  it("members with a duplicate test address, or in another subnet, have nothing of it", () => {
    const bench = new Bench({ members: { a: ["192.0.2.21/24"], b: ["192.0.2.22/24"], c: ["198.51.100.23/24"] } });
    bench.instance("b").duplicate = true;
    bench.file("a", "discovered", { from: "192.0.2.7" });
    assert.deepEqual([bench.targets("b"), bench.targets("c")], ["", ""]);
  });
});
