import assert from "node:assert/strict";
import { probePlans } from "../../../../src/core/probing/plan.ts";
import { probingDeadlines } from "../../../../src/core/probing/sources.ts";
import { Bench, linkOf, PAIR, prefix } from "./support.ts";

const route = (to: string, via: string) => ({ family: 4 as const, to, via, metric: 0, source: "" });

describe("whom to probe", () => {
  it("T71: the router of the subnet is the target of every member with a test address in it", () => {
    const bench = new Bench({ ...PAIR, targets: [] });
    bench.route(1, "0.0.0.0/0", "192.0.2.1");
    bench.update();
    assert.deepEqual([bench.listed("a"), bench.listed("b")], ["192.0.2.1 router active", "192.0.2.1 router active"]);
  });

  it("T72: a router outside of that subnet is none: hosts are asked", () => {
    const bench = new Bench({ members: { a: ["10.9.9.9/24"] }, routes: [route("0.0.0.0/0", "192.0.2.1")] });
    assert.equal(bench.listed("a"), "");
    assert.equal(probePlans(bench.group)[0]?.discover, true);
  });

  it("configured ones come before host routes, those before routers, and none twice", () => {
    const routes = [route("0.0.0.0/0", "192.0.2.1"), route("192.0.2.9/32", "192.0.2.9")];
    const bench = new Bench({ ...PAIR, targets: ["192.0.2.5"], routes });
    bench.route(2, "198.51.100.1/32", "192.0.2.5");
    bench.route(2, "10.0.0.0/8", "192.0.2.2");
    bench.route(2, "192.0.2.0/24", "");
    bench.route(7, "10.1.0.0/16", "192.0.2.3");
    bench.update();
    assert.equal(
      bench.listed("a"),
      "192.0.2.5 configured active, 192.0.2.9 host-route active, 192.0.2.1 router active, 192.0.2.2 router active",
    );
  });

  it("IPv6 routers are known by their link-local addresses", () => {
    const bench = new Bench({ members: { a: ["fe80::21/64"] }, targets: ["192.0.2.1"] });
    bench.route(1, "::/0", "fe80::1");
    bench.route(1, "2001:db8::5/128", "fe80::5");
    bench.route(1, "2001:db8:1::/48", "2001:db8::1");
    bench.update();
    assert.equal(bench.listed("a", 6), "fe80::5 host-route active, fe80::1 router active");
  });

  it("T79: never an address of our own", () => {
    const bench = new Bench({ ...PAIR, targets: ["192.0.2.1", "192.0.2.22"] });
    assert.equal(bench.targets("a"), "192.0.2.1");
  });

  it("T79: a host whose address came to us is none any more", () => {
    const bench = new Bench({ ...PAIR, targets: [] });
    for (const from of ["192.0.2.7", "192.0.2.8"]) bench.file("a", "discovered", { from });
    bench.putAddress(9, "192.0.2.7");
    bench.update();
    assert.deepEqual([bench.targets("a"), bench.targets("b")], ["192.0.2.8", "192.0.2.8"]);
  });

  it("T76 T77: a router takes the place of hosts; without it hosts are asked again", () => {
    const bench = new Bench({ ...PAIR, targets: [] });
    bench.file("a", "discovered", { from: "192.0.2.7" });
    const route = bench.route(1, "0.0.0.0/0", "192.0.2.1");
    bench.update();
    assert.deepEqual([bench.targets("a"), bench.targets("b")], ["192.0.2.1", "192.0.2.1"]);
    bench.probe("a", "answered");
    bench.picture.apply({ kind: "other-route-removed", route });
    bench.update();
    assert.deepEqual([bench.targets("a"), bench.instance("a").history.next], ["", 0]);
  });

  it("T40: while the group has failed its routers stay, though their routes are gone", () => {
    const bench = new Bench({ ...PAIR, targets: [] });
    const route = bench.route(1, "0.0.0.0/0", "192.0.2.1");
    bench.update();
    for (const name of ["a", "b"]) bench.member(name).state = "failed";
    bench.picture.apply({ kind: "other-route-removed", route });
    bench.update();
    assert.equal(bench.targets("a"), "192.0.2.1");
    bench.member("b").state = "running";
    bench.update();
    assert.equal(bench.targets("a"), "");
  });

  it("T80: a member without targets takes the hosts of the others, where they are on its link", () => {
    const bench = new Bench({ members: { a: ["192.0.2.21/24"], b: ["192.0.2.22/24"], c: ["198.51.100.23/24"] } });
    bench.instance("a").targets.addHost("192.0.2.7", 0);
    bench.update();
    assert.deepEqual([bench.targets("b"), bench.targets("c")], ["192.0.2.7", ""]);
  });

  it("in the anonymous group each knows its own routers only, and nothing of others' hosts", () => {
    const bench = new Bench({ ...PAIR, targets: [], anonymous: true });
    bench.route(1, "0.0.0.0/0", "192.0.2.1");
    bench.instance("b").targets.addHost("192.0.2.7", 0);
    bench.update();
    assert.deepEqual([bench.targets("a"), bench.targets("b")], ["192.0.2.1", "192.0.2.7"]);
  });

  it("a member that comes later need not find out by failing that a router is dead", () => {
    const bench = new Bench(PAIR);
    const link = bench.member("b").link;
    bench.setLink(bench.member("b"), undefined);
    bench.update();
    bench.instance("a").targets.replaceNamed("192.0.2.7", 0);
    bench.setLink(bench.member("b"), link);
    bench.update();
    assert.equal(bench.listed("b"), "192.0.2.1 configured dead, 192.0.2.7 host active");
  });
});

describe("from where to probe", () => {
  it("T82: a test address comes: probed, and its quiet period begins", () => {
    const bench = new Bench({ ...PAIR, members: { a: [] } });
    assert.equal(bench.instance("a").testAddress, undefined);
    Object.assign(bench.member("a").configuration, { testAddresses: [prefix("192.0.2.21/24")] });
    bench.now = 5000;
    bench.update();
    const { testAddress, usable, quietUntil } = bench.instance("a");
    assert.deepEqual([testAddress?.address, usable, quietUntil], ["192.0.2.21", false, 45_000]);
    bench.putAddress(1, "192.0.2.21", { tentative: true });
    bench.update();
    assert.equal(bench.instance("a").usable, false);
    bench.putAddress(1, "192.0.2.21");
    bench.now = 6000;
    bench.update();
    assert.deepEqual([bench.instance("a").usable, bench.instance("a").quietUntil], [true, 45_000]);
  });

  it("T86: without a test address everything about it is forgotten", () => {
    const bench = new Bench(PAIR);
    bench.many(6, "a", "lost");
    Object.assign(bench.member("a").configuration, { testAddresses: [] });
    bench.update();
    const { testAddress, history, targets } = bench.instance("a");
    assert.deepEqual([testAddress, history.next, targets.all.length], [undefined, 0, 0]);
  });

  it("T87: another subnet: probed from the new one, with the targets of the new one", () => {
    const bench = new Bench({ ...PAIR, targets: ["192.0.2.1", "198.51.100.1"] });
    bench.many(3, "a", "lost");
    Object.assign(bench.member("a").configuration, { testAddresses: [prefix("198.51.100.21/24")] });
    bench.update();
    assert.deepEqual([bench.targets("a"), bench.instance("a").history.next], ["198.51.100.1", 0]);
  });

  it("a member out of service is not probed; when it is back, its quiet period does not begin anew", () => {
    const bench = new Bench(PAIR);
    bench.now = 50_000;
    bench.member("a").state = "offline";
    bench.update();
    assert.equal(bench.instance("a").testAddress, undefined);
    bench.member("a").state = "running";
    bench.update();
    assert.equal(bench.instance("a").quietUntil, 40_000);
  });

  it("a card that comes again is a new one", () => {
    const bench = new Bench(PAIR);
    bench.setLink(bench.member("a"), undefined);
    bench.update();
    bench.now = 50_000;
    bench.setLink(bench.member("a"), linkOf(1, "a"));
    bench.update();
    assert.equal(bench.instance("a").quietUntil, 90_000);
  });

  it("an address that another member has, too, is not used, and that is said once", () => {
    const bench = new Bench(PAIR);
    const bare = { protocol: 0, prefixLength: 24 };
    bench.putAddress(2, "192.0.2.21", bare);
    bench.probe("a", "lost");
    bench.update();
    bench.update();
    const names = { interface: "a", group: "g" };
    assert.deepEqual(bench.said, [{ id: "test-address-duplicate", ...names, address: "192.0.2.21" }]);
    assert.deepEqual(
      probePlans(bench.group).map(({ index }) => index),
      [2],
    );
    const address = bench.picture.addresses.get("2|192.0.2.21/24");
    assert.ok(address);
    bench.picture.apply({ kind: "address-removed", address });
    bench.update();
    assert.deepEqual(bench.said.slice(1), [{ id: "test-address-found", ...names, endsDuplicate: true }]);
    assert.equal(bench.instance("a").history.next, 0);
  });

  it("in the anonymous group nobody looks for duplicates", () => {
    const bench = new Bench({ ...PAIR, anonymous: true });
    bench.putAddress(2, "192.0.2.21", { protocol: 0 });
    bench.update();
    assert.equal(bench.instance("a").duplicate, false);
  });
});

describe("news of test addresses", () => {
  it("T81 T82: one that is missing is told once, after 20 s; one that comes is told, too", () => {
    const bench = new Bench({ members: { a: [] } });
    assert.deepEqual(probingDeadlines(bench.group), [20_000]);
    bench.now = 19_000;
    bench.update();
    assert.deepEqual(bench.heard(), []);
    bench.now = 21_000;
    bench.update();
    bench.update();
    assert.deepEqual(bench.said, [{ id: "no-test-address", interface: "a", group: "g" }]);
    assert.deepEqual(probingDeadlines(bench.group), []);
    Object.assign(bench.member("a").configuration, { testAddresses: [prefix("192.0.2.21/24")] });
    bench.update();
    const found = { id: "test-address-found", interface: "a", group: "g", endsDuplicate: false };
    assert.deepEqual(bench.said.slice(1), [found]);
  });

  it("nobody misses that of a member that is out of service or not there", () => {
    const bench = new Bench({ members: { a: [], b: [] } });
    bench.member("a").state = "offline";
    bench.member("b").graceUntil = undefined;
    bench.setLink(bench.member("b"), undefined);
    bench.now = 30_000;
    bench.update();
    assert.deepEqual([bench.heard(), probingDeadlines(bench.group)], [[], []]);
  });
});
