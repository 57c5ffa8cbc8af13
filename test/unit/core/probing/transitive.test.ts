import assert from "node:assert/strict";
import { probePlans } from "../../../../src/core/probing/plan.ts";
import { probeTargets } from "../../../../src/core/probing/snapshot.ts";
import { isTransitive } from "../../../../src/core/probing/transitive.ts";
import { hasLost } from "../../../../src/core/probing/verdict.ts";
import { Bench, linkOf, NOTHING, PLAN, prefix, type Setting } from "./support.ts";

const ADDRESS = "192.0.2.10";
const OTHER = "192.0.2.11";
const NEAR: Setting = { addresses: [`${ADDRESS}/24`, `${OTHER}/24`].map(prefix), targets: ["192.0.2.1"] };
const TWO: Setting = { ...NEAR, members: { a: [], b: [] }, transitiveProbing: true };
const DATA6 = { family: 6, address: "2001:db8::10", prefixLength: 64, subnet: "2001:db8::/64", broadcast: "" } as const;
const SIX: Setting = { members: { a: [] }, addresses: [DATA6], targets: ["fe80::1"], transitiveProbing: true };

/** `a echo 192.0.2.10: 192.0.2.1`, with `?` where all hosts are asked. */
function planned({ group }: Bench): string[] {
  return probePlans(group).map(({ index, method, source, targets, discover }) => {
    const asked = [...targets.map(({ address }) => address), ...(discover ? ["?"] : [])];
    return `${"ab"[index - 1]} ${method} ${source}: ${asked.join(" ")}`;
  });
}

const shown = (bench: Bench, name: string) =>
  probeTargets(bench.group, bench.member(name)).map(({ mode, testAddress }) => `${mode} ${testAddress}`);

/** Its echoes count from now on. */
function trusted(setting: Setting): Bench {
  const bench = new Bench(setting);
  bench.host("a", ADDRESS);
  bench.probe("a", "answered");
  return bench;
}

describe("probing without test addresses", () => {
  it("is off unless it is wanted", () => {
    const bench = new Bench({ ...TWO, transitiveProbing: false });
    bench.host("a", ADDRESS);
    assert.deepEqual([planned(bench), shown(bench, "a"), isTransitive(bench.group)], [[], ["disabled null"], false]);
  });

  it("leaves from the data address that a member hosts, and is done by ARP where it hosts none", () => {
    const bench = new Bench(TWO);
    bench.host("a", ADDRESS);
    assert.deepEqual(planned(bench), ["a echo 192.0.2.10: 192.0.2.1", "b arp 0.0.0.0: 192.0.2.1"]);
    assert.deepEqual([shown(bench, "a"), shown(bench, "b")], [["transitive 192.0.2.10"], ["transitive null"]]);
    assert.equal(bench.instance("b").quietUntil, 40_000);
  });

  it("takes the first address of the configuration, and keeps it as long as it is there", () => {
    const bench = new Bench(TWO);
    bench.host("a", OTHER, ADDRESS);
    assert.equal(planned(bench)[0], "a echo 192.0.2.10: 192.0.2.1");
    bench.host("b", ADDRESS);
    assert.equal(planned(bench)[0], "a echo 192.0.2.11: 192.0.2.1");
    bench.host("a", ADDRESS);
    assert.equal(planned(bench)[0], "a echo 192.0.2.11: 192.0.2.1");
  });

  it("does not use an address that is somebody else's, not ready, or still known to be elsewhere", () => {
    const bench = new Bench(TWO);
    const byArp = "a arp 0.0.0.0: 192.0.2.1";
    bench.host("a", ADDRESS);
    bench.putAddress(1, ADDRESS, { protocol: 0 });
    bench.update();
    assert.equal(planned(bench)[0], byArp);
    bench.putAddress(1, ADDRESS, { tentative: true });
    bench.update();
    assert.equal(planned(bench)[0], byArp);
    bench.host("a", ADDRESS);
    bench.group.retiring.set(ADDRESS, { member: "b", until: undefined });
    bench.update();
    assert.equal(planned(bench)[0], byArp);
    bench.group.retiring.clear();
    bench.update();
    assert.equal(planned(bench)[0], "a echo 192.0.2.10: 192.0.2.1");
  });

  it("shares the hosts that are found with members that can not ask all", () => {
    const bench = new Bench({ ...TWO, targets: [] });
    bench.host("a", ADDRESS);
    assert.deepEqual(planned(bench), ["a echo 192.0.2.10: ?"]);
    for (const from of ["192.0.2.7", "198.51.100.7", "192.0.2.8"]) bench.file("a", "discovered", { from });
    assert.deepEqual(planned(bench), ["a echo 192.0.2.10: 192.0.2.7 192.0.2.8", "b arp 0.0.0.0: 192.0.2.7 192.0.2.8"]);
  });

  it("drops hosts with the last data address of their subnet", () => {
    const bench = new Bench({ ...TWO, targets: [] });
    bench.host("a", ADDRESS);
    bench.file("a", "discovered", { from: "192.0.2.7" });
    Object.assign(bench.group.configuration, { addresses: [prefix("198.51.100.10/24")] });
    bench.update();
    assert.deepEqual([bench.targets("a"), bench.targets("b")], ["", ""]);
  });

  it("is nothing for the address of a single host, which has nobody beside it", () => {
    const bench = new Bench({ ...TWO, addresses: [prefix("192.0.2.10/32")] });
    bench.host("a", ADDRESS);
    assert.deepEqual([planned(bench), shown(bench, "a")], [[], ["disabled null"]]);
  });

  it("asks those on the subnet of its address, and by ARP where there are none", () => {
    const far = "198.51.100.10";
    const addresses = [`${far}/24`, `${ADDRESS}/24`].map(prefix);
    const bench = new Bench({ ...TWO, addresses, targets: ["192.0.2.1", "198.51.100.1"] });
    bench.host("a", ADDRESS);
    assert.deepEqual(planned(bench), ["a echo 192.0.2.10: 192.0.2.1", "b arp 0.0.0.0: 192.0.2.1 198.51.100.1"]);
    const [near] = bench.instance("a").targets.active;
    assert.ok(near);
    bench.instance("a").targets.setAside(near, "dead", 0);
    assert.equal(planned(bench)[0], "a arp 0.0.0.0: 198.51.100.1");
    bench.host("a", far);
    assert.equal(planned(bench)[0], "a echo 198.51.100.10: 198.51.100.1");
  });

  it("gives way to a test address, family by family, and begins anew with it", () => {
    const bench = new Bench({
      ...TWO,
      addresses: [...(NEAR.addresses ?? []), DATA6],
      targets: ["192.0.2.1", "fe80::1"],
    });
    bench.putAddress(1, "fe80::2", { scope: "link", protocol: 0 });
    bench.host("a", ADDRESS);
    bench.probe("a", "answered");
    Object.assign(bench.member("a").configuration, { testAddresses: [prefix("192.0.2.21/24")] });
    bench.putAddress(1, "192.0.2.21");
    bench.update();
    assert.deepEqual(
      [shown(bench, "a"), bench.instance("a").history.next],
      [["routes 192.0.2.21", "transitive fe80::2"], 0],
    );
    assert.equal(bench.instance("a").transitive, undefined);
  });

  it("ends while a member is out of service, or not there", () => {
    const bench = new Bench(TWO);
    bench.member("a").state = "offline";
    bench.setLink(bench.member("b"), undefined);
    bench.update();
    assert.deepEqual(
      [shown(bench, "a"), shown(bench, "b"), planned(bench)],
      [["disabled null"], ["disabled null"], []],
    );
  });

  it("begins with a failure that is known from before", () => {
    const bench = new Bench({ ...TWO, transitiveProbing: false });
    Object.assign(bench.member("a"), { state: "failed", reason: "probes-lost" });
    Object.assign(bench.group.configuration, { transitiveProbing: true });
    bench.update();
    assert.deepEqual([bench.instance("a").failed, bench.instance("b").failed], [true, false]);
  });

  it("says nothing of missing test addresses, also where that was said before", () => {
    const bench = new Bench({ ...TWO, transitiveProbing: false });
    bench.now = 20_000;
    bench.update();
    assert.deepEqual(bench.heard(), ["no-test-address", "no-test-address"]);
    Object.assign(bench.group.configuration, { transitiveProbing: true });
    bench.update();
    assert.deepEqual(bench.heard(), []);
  });
});

describe("probing IPv6 without test addresses", () => {
  it("leaves from the link-local address of the link, once that is ready", () => {
    const bench = new Bench(SIX);
    assert.deepEqual([planned(bench), shown(bench, "a"), isTransitive(bench.group)], [[], ["transitive null"], true]);
    bench.putAddress(1, "fe80::2", { scope: "link", tentative: true });
    bench.putAddress(2, "fe80::3", { scope: "link" });
    bench.update();
    assert.deepEqual(planned(bench), []);
    bench.putAddress(1, "fe80::2", { scope: "link" });
    bench.update();
    assert.deepEqual(planned(bench), ["a echo fe80::2: fe80::1"]);
  });

  it("does not leave from a data address that is link-local, and keeps to what it has", () => {
    const bench = new Bench({ ...SIX, addresses: [prefix("fe80::10/64")] });
    for (const address of ["fe80::10", "fe80::2", "fe80::3"]) bench.putAddress(1, address, { scope: "link" });
    bench.update();
    assert.deepEqual(planned(bench), ["a echo fe80::2: fe80::1"]);
    const gone = { index: 1, family: 6, address: "fe80::2", prefixLength: 128 } as const;
    const rest = { scope: "link", protocol: 0, tentative: false, deprecated: false } as const;
    bench.picture.apply({ kind: "address-removed", address: { ...gone, ...rest } });
    bench.putAddress(1, "fe80::4", { scope: "link" });
    bench.update();
    assert.deepEqual(planned(bench), ["a echo fe80::3: fe80::1"]);
  });

  it("counts every loss: there is nothing but echoes", () => {
    const bench = new Bench(SIX);
    bench.putAddress(1, "fe80::2", { scope: "link" });
    bench.update();
    bench.many(5, "a", "lost", { family: 6 });
    assert.equal(hasLost(bench.instance("a", 6)), true);
  });
});

describe("when addresses move", () => {
  it("the history stays, and losses of probes that left before are no evidence", () => {
    const bench = trusted(TWO);
    bench.many(4, "a", "lost");
    const sentAt = bench.now;
    bench.now += 1;
    bench.host("b", ADDRESS);
    assert.deepEqual(bench.file("a", "lost", { sentAt }), NOTHING);
    assert.deepEqual([bench.instance("a").history.lostRun(), bench.instance("a").counters.lost], [4, 5]);
    bench.probe("a", "lost");
    assert.equal(hasLost(bench.instance("a")), true);
    assert.equal(planned(bench)[0], "a arp 0.0.0.0: 192.0.2.1");
  });

  it("a failed member has to be answered ten times all the same", () => {
    const bench = trusted(TWO);
    bench.many(5, "a", "lost");
    bench.member("a").state = "failed";
    bench.host("b", ADDRESS);
    bench.many(9, "a", "answered");
    assert.equal(bench.instance("a").failed, true);
    bench.probe("a", "answered");
    assert.equal(bench.instance("a").failed, false);
  });
});

describe("hosts that answer ARP and no echo", () => {
  it("are asked by ARP after five echoes, none of which is held against the card", () => {
    const bench = new Bench(TWO);
    bench.probe("a", "answered");
    bench.now += 1;
    bench.host("a", ADDRESS);
    const outcomes = [1, 2, 3, 4, 5].map(() => bench.probe("a", "lost"));
    assert.deepEqual(outcomes, [NOTHING, NOTHING, NOTHING, NOTHING, PLAN]);
    assert.equal(bench.instance("a").history.lostRun(), 0);
    assert.deepEqual([planned(bench)[0], shown(bench, "a")], ["a arp 0.0.0.0: 192.0.2.1", ["transitive null"]]);
    bench.many(5, "a", "lost");
    assert.equal(hasLost(bench.instance("a")), true);
  });

  it("what was answered before the echoes tells nothing of these", () => {
    const bench = new Bench(TWO);
    bench.now = 5;
    bench.host("a", ADDRESS);
    bench.file("a", "answered", { sentAt: 4 });
    assert.equal(bench.instance("a").transitive?.echo, "untried");
    bench.file("a", "answered");
    assert.equal(bench.instance("a").transitive?.echo, "answered");
  });

  it("are asked by echo all the same while all hosts are, which ARP can not", () => {
    const bench = new Bench(TWO);
    bench.host("a", ADDRESS);
    bench.many(5, "a", "lost");
    bench.group.opinionUntil = 100_000;
    assert.deepEqual(planned(bench), ["a echo 192.0.2.10: 192.0.2.1 ?", "b arp 0.0.0.0: 192.0.2.1"]);
  });

  it("get another chance with another address", () => {
    const bench = new Bench(TWO);
    bench.host("a", ADDRESS);
    bench.many(5, "a", "lost");
    bench.host("a", OTHER);
    bench.host("b", ADDRESS);
    assert.equal(planned(bench)[0], "a echo 192.0.2.11: 192.0.2.1");
  });

  it("a link that is down is not probed in any way", () => {
    const bench = new Bench(TWO);
    bench.setLink(bench.member("b"), { ...linkOf(2, "b"), carrier: false });
    bench.update();
    assert.deepEqual(planned(bench), ["a arp 0.0.0.0: 192.0.2.1"]);
  });
});
