/** The simulated kernel has the surprises of the real one: each of these was measured on Linux 6.18. */
import assert from "node:assert/strict";
import type { FailoverPlan } from "../../src/core/actions.ts";
import {
  type KernelOutcome,
  type KernelRequest,
  OUR_PROTOCOL,
  type Route,
} from "../../src/core/kernel-state/kernel-objects.ts";
import { SimulatedKernel } from "../support/simulated-kernel.ts";

const LOOPBACK = 1;
const ETH0 = 2;
const ETH1 = 3;
const FIRST = 0x4950_0000;

function twoNics(): SimulatedKernel {
  const kernel = new SimulatedKernel();
  kernel.plugIn("eth0");
  kernel.plugIn("eth1");
  kernel.takeNotices();
  return kernel;
}

function codes(outcomes: readonly KernelOutcome[]): string[] {
  return outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code));
}

function kinds(kernel: SimulatedKernel): string[] {
  return kernel.takeNotices().map((notice) => notice.kind);
}

function address(index: number, text: string): KernelRequest {
  const family = text.includes(":") ? 6 : 4;
  const prefixLength = family === 4 ? 32 : 128;
  return {
    op: "set-address",
    index,
    family,
    address: text,
    prefixLength,
    scope: "universe",
    deprecated: false,
    replace: false,
  };
}

function nextHop(id: number, index: number): KernelRequest {
  return { op: "set-next-hop", family: 6, id, index, gateway: "" };
}

function group(id: number, ...members: number[]): KernelRequest {
  return { op: "set-next-hop-group", id, group: members };
}

function route(destination: string, nextHopId: number, source: string, more: Partial<Route> = {}): KernelRequest {
  const family = destination.includes(":") ? 6 : 4;
  const form = { family, destination, table: 254, metric: 0, type: "unicast", scope: "link" } as const;
  return {
    op: "set-route",
    route: { ...form, protocol: OUR_PROTOCOL, nextHopId, index: 0, source, ...more },
    replace: false,
  };
}

function anchor(text: string, metric: number): KernelRequest {
  return route(`${text}/32`, 0, "", { table: 255, type: "local", scope: "host", index: LOOPBACK, metric });
}

describe("simulated kernel", () => {
  it("refuses a next hop on a link without carrier, down, or absent", () => {
    const kernel = twoNics();
    kernel.setCable("eth0", false);
    kernel.setAdminUp("eth1", false);
    assert.deepEqual(codes(kernel.apply([nextHop(FIRST, ETH0), nextHop(FIRST, ETH1), nextHop(FIRST, 99)])), [
      ...["ENETDOWN", "ENETDOWN", "ENODEV"],
    ]);
  });

  it("refuses unknown next hops, second routes, and the removal of what is not there", () => {
    const kernel = twoNics();
    kernel.apply([address(ETH0, "192.0.2.10"), nextHop(FIRST, ETH0), group(FIRST + 1, FIRST)]);
    const onLink = route("192.0.2.0/24", FIRST + 1, "192.0.2.10");
    const gone = { op: "remove-address", index: ETH1, family: 4, address: "192.0.2.10", prefixLength: 32 } as const;
    const outcomes = kernel.apply([
      ...[group(FIRST + 2, 99), onLink, onLink, route("10.0.0.0/8", 99, "192.0.2.10"), gone],
      { op: "remove-next-hop", id: 99 },
    ]);
    assert.deepEqual(codes(outcomes), ["EINVAL", "ok", "EEXIST", "EINVAL", "EADDRNOTAVAIL", "ENOENT"]);
  });

  it("takes the next hops of a dead link out of their groups, and the emptied group with its routes", () => {
    const kernel = twoNics();
    kernel.apply([address(ETH1, "192.0.2.10"), address(ETH1, "2001:db8::10")]);
    kernel.apply([
      nextHop(FIRST, ETH0),
      nextHop(FIRST + 1, ETH1),
      group(FIRST + 2, FIRST),
      group(FIRST + 3, FIRST, FIRST + 1),
    ]);
    kernel.apply([
      route("192.0.2.0/24", FIRST + 2, "192.0.2.10"),
      route("2001:db8::/64", FIRST + 2, "2001:db8::10"),
      route("10.0.0.0/8", FIRST + 3, "192.0.2.10"),
    ]);
    kernel.takeNotices();
    kernel.setCable("eth0", false);
    assert.deepEqual(kernel.routing.nextHops.get(FIRST + 3)?.group, [FIRST + 1]);
    assert.deepEqual(
      kernel.routing.routes.map(({ destination }) => destination),
      ["10.0.0.0/8"],
    );
    // The flush went without a word: seen on Linux 6.18 with nexthop_compat_mode=0.
    assert.deepEqual(kinds(kernel), ["link"]);
  });

  it("drops IPv4 routes with the last holder of their source, unannounced; an anchor holds it", () => {
    const kernel = twoNics();
    kernel.apply([
      nextHop(FIRST, ETH0),
      group(FIRST + 1, FIRST),
      address(ETH1, "192.0.2.10"),
      address(ETH1, "192.0.2.11"),
    ]);
    kernel.apply([anchor("192.0.2.11", 77)]);
    kernel.apply([route("192.0.2.0/24", FIRST + 1, "192.0.2.10"), route("10.0.0.0/8", FIRST + 1, "192.0.2.11")]);
    kernel.takeNotices();
    kernel.unplug("eth1");
    assert.deepEqual(
      kernel.routing.routes.map(({ destination }) => destination),
      ["192.0.2.11/32", "10.0.0.0/8"],
    );
    assert.ok(!kinds(kernel).includes("route-removed"));
  });

  it("accepts an anchored source for IPv4 routes, and for IPv6 only one on a device", () => {
    const kernel = twoNics();
    kernel.apply([nextHop(FIRST, ETH0), group(FIRST + 1, FIRST), anchor("192.0.2.10", 0)]);
    const outcomes = kernel.apply([
      route("192.0.2.0/24", FIRST + 1, "192.0.2.10"),
      route("192.0.3.0/24", FIRST + 1, "192.0.3.10"),
      route("2001:db8::/64", FIRST + 1, "2001:db8::10"),
    ]);
    assert.deepEqual(codes(outcomes), ["ok", "EINVAL", "EINVAL"]);
  });

  it("has a local route of its own for each IPv4 address: an anchor at metric 0 meets it", () => {
    const kernel = twoNics();
    kernel.apply([address(ETH0, "192.0.2.10")]);
    assert.deepEqual(codes(kernel.apply([anchor("192.0.2.10", 0), anchor("192.0.2.10", 77)])), ["EEXIST", "ok"]);
  });

  it("removes IPv6 addresses with admin down, and reports the link-local one when detection is done", () => {
    const kernel = twoNics();
    kernel.advance(2000);
    kernel.apply([address(ETH0, "192.0.2.10"), address(ETH0, "2001:db8::10")]);
    kernel.setAdminUp("eth0", false);
    assert.deepEqual(
      kernel.addresses.on(ETH0).map((held) => held.address),
      ["192.0.2.10"],
    );
    kernel.setAdminUp("eth0", true);
    kernel.takeNotices();
    assert.deepEqual(
      kernel
        .dump([])
        .addresses.filter((held) => held.tentative)
        .map((held) => held.index),
      [ETH0],
    );
    kernel.advance(3000);
    assert.deepEqual(kinds(kernel), ["address"]);
  });

  it("carries out an armed plan once, and reports it ahead of the link", () => {
    const kernel = twoNics();
    const hardwareAddress = kernel.link("eth1")?.hardwareAddress ?? "";
    const announcement = { index: ETH1, hardwareAddress, family: 4, address: "192.0.2.10" } as const;
    const plan: FailoverPlan = {
      ...{ index: ETH0, members: [ETH0] },
      ...{ announcements: [announcement], requests: [address(ETH1, "192.0.2.10")] },
    };
    kernel.watch([ETH0]);
    kernel.arm([plan]);
    kernel.setCable("eth0", false);
    const [first] = kernel.takeNotices();
    assert.deepEqual(first, { kind: "carrier", index: ETH0, carrier: false, fired: true });
    assert.ok(kernel.peer.reaches(4, "192.0.2.10"));
    kernel.setCable("eth0", true);
    kernel.takeNotices();
    kernel.setCable("eth0", false);
    assert.equal(kernel.peer.heard.length, 1);
  });

  it("starts a re-created link from nothing: new index, default settings", () => {
    const kernel = twoNics();
    kernel.apply([{ op: "set-setting", link: "eth0", index: ETH0, key: "ipv4.arp_ignore", value: "1" }]);
    kernel.unplug("eth0");
    kernel.plugIn("eth0");
    assert.equal(kernel.link("eth0")?.index, 4);
    assert.equal(kernel.dump(["eth0"]).settings["eth0/ipv4.arp_ignore"], "0");
  });

  it("notes every request that touches what is a stranger's", () => {
    const kernel = twoNics();
    kernel.routing.setNextHop({ id: 7, family: 4, index: ETH0, protocol: 4, gateway: "", group: [] });
    kernel.apply([
      { op: "remove-next-hop", id: 7 },
      { op: "remove-link", index: ETH1 },
    ]);
    assert.equal(kernel.violations.length, 2);
  });

  it("has a peer that keeps to what it last heard", () => {
    const kernel = twoNics();
    kernel.apply([address(ETH0, "192.0.2.10")]);
    assert.ok(kernel.peer.reaches(4, "192.0.2.10"));
    kernel.apply([address(ETH1, "192.0.2.10")]);
    kernel.setCable("eth0", false);
    assert.ok(!kernel.peer.reaches(4, "192.0.2.10"), "nobody told it");
    kernel.peer.refresh(0);
    assert.ok(kernel.peer.reaches(4, "192.0.2.10"), "it asked anew");
  });
});
