import assert from "node:assert/strict";
import type { KernelNotice, NextHop, OtherRoute } from "../../../src/core/kernel-state/kernel-objects.ts";
import type { NativeOtherRoute, NativePicture } from "../../../src/kernel/native.ts";
import { OtherRoutes } from "../../../src/kernel/other-routes.ts";

const ETH0 = 2;
const ETH1 = 3;
const ELSEWHERE = 9;

function route(index: number, gateway: string, nextHopId = 0): NativeOtherRoute {
  return { family: 4, destination: "0.0.0.0/0", metric: 0, protocol: 4, index, gateway, nextHopId };
}

function told({ nextHopId, ...rest }: NativeOtherRoute): OtherRoute {
  return rest;
}

function hop(id: number, index: number, gateway: string, group: readonly number[] = []): NextHop {
  return { id, protocol: 4, family: group.length > 0 ? 0 : 4, index, gateway, group };
}

function picture(otherRoutes: readonly NativeOtherRoute[], nextHops: readonly NextHop[] = []): NativePicture {
  const links = [
    { index: ETH0, name: "eth0" },
    { index: ETH1, name: "eth1" },
    { index: ELSEWHERE, name: "wan" },
  ] as unknown as NativePicture["links"];
  return { links, addresses: [], routes: [], nextHops, otherRoutes };
}

function added(one: NativeOtherRoute): KernelNotice {
  return { kind: "other-route", route: told(one) };
}

function removed(one: NativeOtherRoute): KernelNotice {
  return { kind: "other-route-removed", route: told(one) };
}

describe("routes of others", () => {
  let routes: OtherRoutes;
  const replace = (...given: Parameters<typeof picture>) => routes.replace(picture(...given), ["eth0", "eth1"]);

  beforeEach(() => {
    routes = new OtherRoutes();
  });

  it("are those by the links asked about, each once", () => {
    const [first, second, other] = [route(ETH0, "192.0.2.1"), route(ETH1, ""), route(ELSEWHERE, "192.0.2.2")];
    assert.deepEqual(replace([first, second, first, other]), [told(first), told(second)]);
  });

  it("are one for each next hop of a message, and what leaves elsewhere is not told", () => {
    replace([]);
    const hops = [route(ETH0, "192.0.2.1"), route(ELSEWHERE, "192.0.2.2"), route(ETH1, "192.0.2.3")];
    const notices = routes.translate([{ kind: "other-routes", routes: hops }]);
    assert.deepEqual(notices, [added(route(ETH0, "192.0.2.1")), added(route(ETH1, "192.0.2.3"))]);
  });

  it("are reported gone only where they were told", () => {
    const first = route(ETH0, "192.0.2.1");
    replace([first]);
    const gone = { kind: "other-routes-removed", routes: [first, route(ETH1, "192.0.2.1")] } as const;
    assert.deepEqual(routes.translate([gone, gone]), [removed(first)]);
  });

  it("are found through next-hop objects, single ones and groups, of the dump and of later notices", () => {
    const hops = [hop(7, ETH0, "192.0.2.7"), hop(8, ETH1, ""), hop(9, 0, "", [7, 8])];
    assert.deepEqual(replace([route(0, "", 9)], hops), [told(route(ETH0, "192.0.2.7")), told(route(ETH1, ""))]);
    const later = { kind: "next-hop", nextHop: hop(10, ETH1, "192.0.2.10") } as const;
    const notices = routes.translate([later, { kind: "other-routes", routes: [route(0, "", 10)] }]);
    assert.deepEqual(notices, [later, added(route(ETH1, "192.0.2.10"))]);
  });

  it("wait for their next-hop object, where the kernel names it first", () => {
    replace([]);
    assert.deepEqual(routes.translate([{ kind: "other-routes", routes: [route(0, "", 7)] }]), []);
    routes.translate([{ kind: "next-hop", nextHop: hop(7, ETH0, "192.0.2.7") }]);
    assert.deepEqual(routes.settle([route(0, "", 7)]), [added(route(ETH0, "192.0.2.7"))]);
    routes.translate([{ kind: "next-hop-removed", id: 7 }]);
    assert.deepEqual(routes.settle([route(0, "", 7)]), [removed(route(ETH0, "192.0.2.7"))]);
  });

  it("are settled after a doubt by the difference alone", () => {
    const [kept, lost, found] = [route(ETH0, "192.0.2.1"), route(ETH0, "192.0.2.2"), route(ETH1, "192.0.2.3")];
    replace([kept, lost]);
    assert.deepEqual(routes.translate([{ kind: "other-routes-doubtful" }]), []);
    assert.deepEqual(routes.settle([found, kept]), [removed(lost), added(found)]);
    assert.deepEqual(routes.settle([found, kept]), []);
  });

  it("leave all other notices as they are", () => {
    replace([]);
    const notice = { kind: "carrier", index: ETH0, carrier: false, fired: true } as const;
    assert.deepEqual(routes.translate([notice]), [notice]);
  });
});
