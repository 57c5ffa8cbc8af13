import assert from "node:assert/strict";
import { shownState } from "../../../../src/core/group.ts";
import { onLinkRoutes } from "../../../../src/core/kernel-state/group-routes.ts";
import type { KernelRequest } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { noteImpairments } from "../../../../src/core/members/impairments.ts";
import { takeSnapshot } from "../../../../src/core/take-snapshot.ts";
import { addressPrefix } from "../../../support/simulated-configuration.ts";
import { Bench } from "../probing/support.ts";

class Impaired extends Bench {
  constructor(members = { a: [], b: [] }) {
    super({ members, addresses: ["192.0.2.10/24", "192.0.2.11/24", "2001:db8::10/64"].map(addressPrefix) });
    this.host("a", "192.0.2.10", "192.0.2.11", "2001:db8::10");
  }

  /** The kernel keeps refusing these, and its routes are there unless `without`. */
  note(requests: readonly KernelRequest[], without: 4 | 6 | undefined = undefined, words = "EPERM"): readonly string[] {
    for (const route of onLinkRoutes(this.group)) {
      const backup = { ...route, metric: route.metric + 10_000 };
      this.picture.apply({ kind: route.family === without ? "route-removed" : "route", route: backup });
    }
    const complaints = requests.map((request) => ({ request, words }));
    noteImpairments(this.group, complaints, this.picture, this.log);
    return this.group.impairments.reasons;
  }

  get state(): string {
    return shownState(this.group);
  }

  shown(address: string): string {
    const row = takeSnapshot([this.group], this.picture, String).addresses.find((one) => one.address === address);
    return `${row?.state} ${row?.inbound}`;
  }
}

const setting = (key: string): KernelRequest => ({ op: "set-setting", link: "a", index: 1, key, value: "1" });

function address(text: string, index = 1): KernelRequest {
  const { family, address: plain, prefixLength } = addressPrefix(text);
  return {
    op: "set-address",
    index,
    family,
    address: plain,
    prefixLength,
    scope: "universe",
    deprecated: false,
    replace: true,
  };
}

const SETTING = setting("ipv4.arp_ignore");
const PREFIXES = ["192.0.2.10/32", "192.0.2.11/32"];

describe("impairments of a group", () => {
  it("are what the kernel keeps refusing: said when they begin, when they get worse or better, and when they are over", () => {
    const bench = new Impaired();
    assert.deepEqual(bench.note([]), []);
    const reason = "settings can not be written: net.ipv4.conf.a.arp_ignore";
    assert.deepEqual(bench.note([SETTING]), [reason]);
    assert.equal(bench.state, "degraded");
    bench.note([SETTING]);
    bench.note([SETTING], 6);
    assert.equal(bench.state, "failed");
    bench.note([SETTING]);
    bench.note([SETTING]);
    assert.equal(bench.state, "degraded");
    bench.note([]);
    assert.equal(bench.state, "ok");
    assert.deepEqual(bench.said, [
      { id: "group-impaired", group: "g", state: "degraded", reasons: [reason] },
      { id: "group-impaired", group: "g", state: "failed", reasons: [reason] },
      { id: "group-impaired", group: "g", state: "degraded", reasons: [reason] },
      { id: "group-unimpaired", group: "g" },
    ]);
  });

  it("tell of many addresses in one line, of eight things at most, and of no link that can be done without", () => {
    const bench = new Impaired();
    const link: KernelRequest = { op: "create-link", name: "g", kinds: ["dummy"], alias: "" };
    assert.deepEqual(bench.note([link]), []);
    const [reason] = bench.note(PREFIXES.map((text) => address(text)));
    assert.equal(reason, "the kernel refuses set-address 192.0.2.10/32 on a: EPERM, and 1 more like it");
    const many = bench.note(Array.from({ length: 9 }, (_, at) => ({ op: "set-link-up", index: 10 + at })));
    assert.deepEqual([many.length, many.at(-1)], [9, "and more"]);
  });

  it("have one line for each cause, whatever it stops", () => {
    const bench = new Impaired();
    const settings = Array.from({ length: 5 }, (_, at) => setting(`ipv4.x${at}`));
    const first = "net.ipv4.conf.a.x0, net.ipv4.conf.a.x1, net.ipv4.conf.a.x2";
    assert.deepEqual(bench.note(settings, undefined, "EROFS (writing)"), [
      `settings can not be written: ${first} and 2 more`,
    ]);
    const routes = onLinkRoutes(bench.group).map(
      (route): KernelRequest => ({ op: "set-route", route, replace: false }),
    );
    assert.deepEqual(bench.note(routes, undefined, "EEXIST (there is one)"), [
      "routes that are not ours stand in the way of 192.0.2.0/24 metric 0, 2001:db8::/64 metric 128: remove them, and the addresses that they came with",
    ]);
  });

  it("are a failure where all addresses of a family are refused and no member has one, and then they are down", () => {
    const bench = new Impaired();
    const refused = PREFIXES.map((text) => address(text, 9));
    bench.note(refused);
    assert.equal(bench.state, "degraded", "the group interface is without them, members are not");
    assert.equal(bench.shown("192.0.2.10"), "up a");
    const four = { family: 4, prefixLength: 32, scope: "universe", protocol: 77 } as const;
    for (const text of ["192.0.2.10", "192.0.2.11"]) {
      bench.putAddress(9, text);
      const gone = { ...four, index: 1, address: text, tentative: false, deprecated: true };
      bench.picture.apply({ kind: "address-removed", address: gone });
    }
    bench.note(refused.slice(1));
    assert.deepEqual(
      [bench.state, bench.shown("192.0.2.10"), bench.shown("192.0.2.11")],
      ["degraded", "up null", "down null"],
    );
    bench.note(refused);
    assert.equal(bench.state, "failed");
  });

  it("are a family that a member can not carry, and a failure where nobody can", () => {
    const bench = new Impaired();
    const { 0: a, 1: b } = bench.group.members;
    assert.ok(a && b);
    a.lacks = new Map([[6, "so it is"]]);
    assert.deepEqual(bench.note([]), ["a can not carry IPv6: so it is"]);
    assert.equal(bench.state, "degraded");
    b.refused.set(6, "EPERM");
    b.lacks = new Map([[6, ""]]);
    bench.note([]);
    assert.equal(bench.state, "degraded", "nothing is known before it is read");
    b.lacks = new Map([[6, "so it is"]]);
    bench.group.hosting.delete("2001:db8::10");
    bench.note([], 6);
    assert.equal(bench.group.impairments.reasons[0], "no functioning member can carry IPv6");
    assert.deepEqual([bench.state, bench.shown("2001:db8::10")], ["failed", "down null"]);
    // Out of service it is nobody's loss; and where nobody functions the members tell that.
    a.state = "offline";
    b.state = "failed";
    assert.deepEqual(bench.note([], 6), ["b can not carry IPv6: so it is"]);
  });

  it("are none of interfaces that are in no group", () => {
    const bench = new Bench({ members: { a: [] }, anonymous: true });
    noteImpairments(bench.group, [{ request: SETTING, words: "EPERM" }], bench.picture, bench.log);
    assert.deepEqual([bench.group.impairments.reasons, bench.said], [[], []]);
  });
});
