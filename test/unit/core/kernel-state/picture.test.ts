import assert from "node:assert/strict";
import {
  type InterfaceAddress,
  type KernelNotice,
  type NextHop,
  OUR_PROTOCOL,
  ROUTE_TABLE,
  type Route,
} from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import { linkOf } from "../probing/support.ts";

const ADDRESS: InterfaceAddress = {
  ...{ index: 2, family: 6, address: "fe80::2", prefixLength: 64, scope: "link" },
  ...{ protocol: OUR_PROTOCOL, tentative: false, deprecated: false },
};

function nextHopOf(id: number, traits: Partial<NextHop>): KernelNotice {
  return {
    kind: "next-hop",
    nextHop: { id, protocol: OUR_PROTOCOL, family: 4, index: 0, gateway: "", group: [], ...traits },
  };
}

function routeOf(destination: string, traits: Partial<Route>): KernelNotice {
  const kind = { family: 4, table: ROUTE_TABLE.main, metric: 0, type: "unicast", scope: "link" } as const;
  const way = { protocol: OUR_PROTOCOL, nextHopId: 0, index: 0, source: "" };
  return { kind: "route", route: { destination, ...kind, ...way, ...traits } };
}

function pictureAfter(...notices: KernelNotice[]): Picture {
  const picture = new Picture();
  for (const notice of notices) picture.apply(notice);
  return picture;
}

describe("the picture of the kernel", () => {
  it("takes a link that was set up for up, and knows none that is gone", () => {
    const picture = pictureAfter({ kind: "link", link: { ...linkOf(2, "eth0"), adminUp: false } });
    picture.confirm({ op: "set-link-up", index: 2 });
    picture.confirm({ op: "set-link-up", index: 3 });
    assert.deepEqual(
      [...picture.links.values()].map(({ index, adminUp }) => [index, adminUp]),
      [[2, true]],
    );
  });

  it("forgets with a link what was on it, and with a link that it never knew nothing", () => {
    const route = {
      family: 4,
      destination: "0.0.0.0/0",
      metric: 0,
      protocol: 4,
      index: 2,
      gateway: "192.0.2.1",
    } as const;
    const picture = pictureAfter(
      { kind: "link", link: linkOf(2, "eth0") },
      { kind: "address", address: ADDRESS },
      { kind: "other-route", route },
      { kind: "link-removed", index: 9, name: "eth9" },
    );
    assert.equal(picture.addresses.size, 1);
    picture.apply({ kind: "link-removed", index: 2, name: "eth0" });
    assert.deepEqual([picture.links.size, picture.addresses.size, picture.otherRoutes.size], [0, 0, 0]);
  });

  it("forgets with a link whose loss was not told first the routes and next hops by it, and what those leave empty", () => {
    const picture = pictureAfter(
      ...[linkOf(2, "eth0"), linkOf(3, "eth1")].map((link) => ({ kind: "link", link }) as const),
      ...[nextHopOf(1, { index: 2 }), nextHopOf(2, { index: 3 })],
      ...[nextHopOf(3, { group: [1, 2] }), nextHopOf(4, { group: [1] })],
      ...[routeOf("192.0.2.0/24", { nextHopId: 3 }), routeOf("198.51.100.0/24", { nextHopId: 4 })],
      routeOf("203.0.113.0/24", { index: 2 }),
    );
    picture.apply({ kind: "link-removed", index: 2, name: "eth0" });
    assert.deepEqual(
      [...picture.nextHops.values()].map(({ id, group }) => [id, group]),
      [
        [2, []],
        [3, [2]],
      ],
    );
    assert.deepEqual(
      [...picture.routes.values()].map(({ destination }) => destination),
      ["192.0.2.0/24"],
    );
  });

  it("believes a carrier watch only of links that it knows", () => {
    const picture = pictureAfter({ kind: "carrier", index: 2, carrier: false, fired: false });
    assert.equal(picture.links.size, 0);
  });

  it("knows our link-local address of a link from others, and a usable one from one that is being checked", () => {
    const picture = pictureAfter({ kind: "address", address: { ...ADDRESS, protocol: 0, tentative: true } });
    assert.deepEqual([picture.linkLocalOfOurs(2), picture.hasUsableLinkLocal(2)], ["", false]);
    picture.apply({ kind: "address", address: { ...ADDRESS, address: "fe80::3" } });
    assert.deepEqual([picture.linkLocalOfOurs(2), picture.hasUsableLinkLocal(2)], ["fe80::3", true]);
    assert.deepEqual([picture.linkLocalOfOurs(3), picture.hasUsableLinkLocal(3)], ["", false]);
  });

  it("keeps what is left of the kept settings when some are put back", () => {
    const picture = new Picture();
    for (const key of ["a", "b"]) picture.confirm({ op: "set-setting", link: "eth0", index: 2, key, value: "1" });
    picture.confirm({ op: "restore-settings", link: "eth0", index: 2, keys: ["a"] });
    assert.deepEqual([...(picture.kept.get(2) ?? [])], ["b"]);
    picture.confirm({ op: "restore-settings", link: "eth0", index: 2, keys: ["b"] });
    picture.confirm({ op: "restore-settings", link: "", index: 5, keys: ["b"] });
    assert.equal(picture.kept.size, 0);
  });
});
