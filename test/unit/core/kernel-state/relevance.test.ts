import assert from "node:assert/strict";
import type { KernelNotice } from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import { concernOf } from "../../../../src/core/kernel-state/relevance.ts";
import { linkOf } from "../probing/support.ts";

const OWNERS = new Map([
  ["eth0", "g"],
  ["eth1", "h"],
]);

function concern(notice: KernelNotice): string {
  const picture = new Picture();
  for (const [index, name] of [
    [1, "eth0"],
    [2, "eth1"],
    [3, "wlan0"],
  ] as const)
    picture.apply({ kind: "link", link: linkOf(index, name) });
  picture.apply({ kind: "next-hop", nextHop: { id: 1, protocol: 77, family: 4, index: 1, gateway: "", group: [] } });
  const found = concernOf(notice, OWNERS, picture);
  return typeof found === "string" ? found : found.of;
}

function addressNotice(index: number, protocol: number): KernelNotice {
  const address = { index, family: 4, address: "192.0.2.10", prefixLength: 32, scope: "universe" } as const;
  return { kind: "address", address: { ...address, protocol, tentative: false, deprecated: false } };
}

function routeNotice(protocol: number): KernelNotice {
  const where = { family: 4, destination: "192.0.2.0/24", table: 254, metric: 0, type: "unicast" } as const;
  return { kind: "route", route: { ...where, scope: "universe", protocol, nextHopId: 1, index: 0, source: "" } };
}

const OTHER_ROUTE = { family: 4, destination: "0.0.0.0/0", metric: 0, protocol: 4, gateway: "192.0.2.1" } as const;

const CONCERNS: readonly [what: string, notice: KernelNotice, whom: string][] = [
  ["a link of a group", { kind: "link", link: linkOf(1, "eth0") }, "g"],
  ["a link of a group that gets another name", { kind: "link", link: linkOf(1, "lan0") }, "g"],
  ["a link that gets the name of one of a group", { kind: "link", link: linkOf(3, "eth1") }, "h"],
  ["a link that goes from one group to another by its name", { kind: "link", link: linkOf(1, "eth1") }, "somebody"],
  ["a stranger's link", { kind: "link", link: linkOf(3, "wlan0") }, "nobody"],
  ["a link of a group that goes", { kind: "link-removed", index: 1, name: "eth0" }, "g"],
  ["a link that goes before it was seen", { kind: "link-removed", index: 9, name: "eth1" }, "h"],
  ["a stranger's link that goes", { kind: "link-removed", index: 3, name: "wlan0" }, "nobody"],
  ["the carrier of a member", { kind: "carrier", index: 2, carrier: false, fired: false }, "h"],
  ["a stranger's address on a member", addressNotice(1, 0), "g"],
  ["an address of ours elsewhere", addressNotice(3, 77), "somebody"],
  ["a stranger's address elsewhere", addressNotice(3, 0), "nobody"],
  ["a next hop of ours that goes", { kind: "next-hop-removed", id: 1 }, "somebody"],
  ["a stranger's next hop that goes", { kind: "next-hop-removed", id: 2 }, "nobody"],
  [
    "a stranger's next hop",
    { kind: "next-hop", nextHop: { id: 2, protocol: 4, family: 4, index: 1, gateway: "", group: [] } },
    "nobody",
  ],
  ["a route of ours", routeNotice(77), "somebody"],
  ["a stranger's route by a next hop", routeNotice(4), "nobody"],
  ["a stranger's route by a member", { kind: "other-route", route: { ...OTHER_ROUTE, index: 1 } }, "g"],
  ["one that goes", { kind: "other-route-removed", route: { ...OTHER_ROUTE, index: 2 } }, "h"],
  ["a stranger's route elsewhere", { kind: "other-route", route: { ...OTHER_ROUTE, index: 3 } }, "nobody"],
];

describe("whom a notice concerns", () => {
  for (const [what, notice, whom] of CONCERNS) it(`${what}: ${whom}`, () => assert.equal(concern(notice), whom));
});
