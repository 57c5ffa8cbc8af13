import assert from "node:assert/strict";
import {
  beginOpinion,
  forgetGroupProbes,
  forgetRoundTrips,
  isOpinionPending,
  reviewOpinion,
} from "../../../../src/core/probing/effects.ts";
import { failureVerdict } from "../../../../src/core/probing/verdict.ts";
import { Bench, BOTH, JUDGE, linkOf, NOTHING, PAIR, type Setting, STEP_MS } from "./support.ts";

const ROUTER = "192.0.2.1";
const HOST = "192.0.2.7";

/** The router is dead for all members. */
function silent(setting: Setting = PAIR): Bench {
  const bench = new Bench(setting);
  const names = bench.group.members.map(({ configuration }) => configuration.name);
  for (const name of names) bench.probe(name, "answered");
  for (let round = 0; round < 5; round++) for (const name of names) bench.probe(name, "lost");
  return bench;
}

function asking(setting: Setting = PAIR): Bench {
  const bench = silent(setting);
  assert.ok(beginOpinion(bench.group, bench));
  bench.heard();
  return bench;
}

describe("second opinion on a group", () => {
  it("T39: hosts are asked before the group is judged, for three steps, once", () => {
    const bench = silent();
    assert.equal(isOpinionPending(bench.group, bench.now), false);
    assert.ok(beginOpinion(bench.group, bench));
    assert.deepEqual(bench.said, [{ id: "asking-hosts", group: "g", interface: "" }]);
    assert.equal(bench.group.opinionUntil, bench.now + 3 * STEP_MS);
    assert.ok(isOpinionPending(bench.group, bench.now + 3 * STEP_MS - 1));
    const endAt = bench.now + 3 * STEP_MS;
    assert.ok(isOpinionPending(bench.group, endAt), "nothing was sent since: we may be late ourselves");
    bench.probe("a", "lost");
    assert.ok(isOpinionPending(bench.group, endAt));
    bench.probe("a", "lost");
    assert.ok(isOpinionPending(bench.group, endAt - 1));
    assert.equal(isOpinionPending(bench.group, endAt), false);
    assert.equal(beginOpinion(bench.group, bench), false);
    assert.equal(bench.group.opinionUntil, undefined);
  });

  it("is told once, until probes are answered again, and that is told, too", () => {
    const bench = silent();
    assert.ok(beginOpinion(bench.group, bench));
    bench.group.opinionUntil = undefined;
    assert.ok(beginOpinion(bench.group, bench));
    bench.many(9, "a", "answered");
    assert.deepEqual(bench.heard(), ["asking-hosts"]);
    bench.many(2, "a", "answered");
    assert.deepEqual(bench.heard(), []);
    bench.probe("b", "answered");
    bench.probe("a", "answered");
    assert.deepEqual(bench.heard(), ["answered-again"]);
  });

  it("a host that answers clears all: it is probed instead of the dead router", () => {
    const bench = asking();
    assert.deepEqual(bench.file("b", "discovered", { from: HOST }), BOTH);
    assert.equal(bench.group.opinionUntil, undefined);
    for (const name of ["a", "b"]) {
      assert.equal(bench.listed(name), `${ROUTER} configured dead, ${HOST} host active`);
      assert.equal(failureVerdict(bench.group, bench.member(name)), "none");
    }
    bench.file("a", "discovered", { from: "192.0.2.8" });
    assert.equal(bench.targets("a"), `${HOST} 192.0.2.8`);
  });

  it("and a path that is dead indeed is found out by the hosts", () => {
    const bench = asking();
    bench.file("b", "discovered", { from: HOST });
    for (let round = 0; round < 5; round++) {
      bench.probe("b", "answered");
      bench.probe("a", "lost");
    }
    assert.equal(failureVerdict(bench.group, bench.member("a")), "interface");
  });

  it("members whose targets do answer keep them", () => {
    const bench = asking({ ...PAIR, members: { ...PAIR.members, c: ["192.0.2.23/24"] } });
    bench.member("c").state = "failed";
    bench.probe("c", "answered");
    bench.file("b", "discovered", { from: HOST });
    assert.equal(bench.targets("c"), ROUTER);
  });

  it("a host of a family that nobody doubts is none of its business", () => {
    const dual = { a: ["192.0.2.21/24", "fe80::21/64"] };
    const bench = asking({ members: dual, targets: [ROUTER, "fe80::1"], failOn: "any-family" });
    bench.probe("a", "answered", { family: 6 });
    assert.deepEqual(bench.file("a", "discovered", { family: 6, from: "fe80::7" }), NOTHING);
    assert.notEqual(bench.group.opinionUntil, undefined);
  });

  it("the router itself answers after all: nobody is in doubt any more", () => {
    const bench = asking();
    bench.file("a", "answered", { sequence: 1, sentAt: 3 * STEP_MS });
    assert.notEqual(bench.group.opinionUntil, undefined);
    assert.deepEqual(bench.probe("b", "answered"), BOTH);
    assert.equal(bench.group.opinionUntil, undefined);
  });

  it("when the router answers again the hosts have done their part, on the other members, too", () => {
    const bench = asking();
    bench.file("b", "discovered", { from: HOST });
    bench.now += 60_000;
    bench.probe("a", "answered", { target: HOST });
    bench.now += 60_000;
    bench.probe("a", "answered", { target: HOST });
    assert.equal(bench.targets("a"), `${ROUTER} ${HOST}`);
    assert.equal(bench.targets("b"), HOST);
    assert.ok(bench.probe("a", "answered", { target: ROUTER }).planChanged);
    assert.deepEqual([bench.targets("a"), bench.targets("b")], [ROUTER, `${ROUTER} ${HOST}`]);
  });

  it("is not asked where hosts are the targets, and not for members without a link", () => {
    const hosts = new Bench({ members: { a: ["192.0.2.21/24"] } });
    hosts.file("a", "discovered", { from: HOST });
    hosts.probe("a", "answered");
    assert.deepEqual(hosts.many(5, "a", "lost"), JUDGE);
    assert.equal(beginOpinion(hosts.group, hosts), false);
    const down = silent();
    for (const name of ["a", "b"]) down.setLink(down.member(name), { ...linkOf(1, name), carrier: false });
    assert.equal(beginOpinion(down.group, down), false);
    const failed = silent();
    for (const { configuration } of failed.group.members) failed.member(configuration.name).state = "failed";
    assert.equal(beginOpinion(failed.group, failed), false);
  });

  it("ends when the accused are gone", () => {
    const bench = asking();
    reviewOpinion(bench.group);
    assert.notEqual(bench.group.opinionUntil, undefined);
    for (const name of ["a", "b"]) bench.setLink(bench.member(name), undefined);
    bench.update();
    assert.equal(bench.group.opinionUntil, undefined);
  });
});

describe("what failures entail for probes", () => {
  it("a failed member forgets its round trips", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered");
    forgetRoundTrips(bench.member("a"));
    assert.equal(bench.instance("a").targets.all[0]?.roundTrip.meanMs, undefined);
  });

  it("T37: a failed group asks for hosts anew and keeps its routers", () => {
    const bench = new Bench({ members: { a: ["192.0.2.21/24"] } });
    bench.file("a", "discovered", { from: HOST });
    bench.many(6, "a", "lost");
    forgetGroupProbes(bench.group, bench.now);
    assert.deepEqual([bench.targets("a"), bench.instance("a").history.next], ["", 0]);
    const routed = asking();
    forgetGroupProbes(routed.group, routed.now);
    assert.deepEqual([routed.targets("a"), routed.group.opinionUntil], [ROUTER, undefined]);
    assert.equal(routed.instance("a").history.lostRun(), 5);
  });

  it("members out of service keep their round trips", () => {
    const bench = new Bench(PAIR);
    bench.probe("a", "answered");
    bench.member("a").state = "offline";
    forgetGroupProbes(bench.group, 0);
    assert.equal(bench.instance("a").targets.all[0]?.roundTrip.meanMs, 1);
  });
});
