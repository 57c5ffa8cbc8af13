import assert from "node:assert/strict";
import {
  type InterfaceAddress,
  type KernelNotice,
  type KernelPicture,
  type KernelRequest,
  type NextHop,
  OUR_LINK_ALIAS,
  OUR_PROTOCOL,
  type Route,
} from "../../../../src/core/kernel-state/kernel-objects.ts";
import { Losses } from "../../../../src/core/kernel-state/losses.ts";
import { Picture } from "../../../../src/core/kernel-state/picture.ts";
import { linkOf } from "../probing/support.ts";

const address = (text: string, protocol: number): InterfaceAddress => ({
  ...{ index: 2, family: 4, address: text, prefixLength: 32, scope: "universe", protocol },
  ...{ tentative: false, deprecated: false },
});
const single = (id: number, protocol = OUR_PROTOCOL): NextHop => ({
  id,
  protocol,
  family: 4,
  index: 2,
  gateway: "",
  group: [],
});
const several = (id: number, group: number[]): NextHop => ({
  id,
  family: 0,
  protocol: OUR_PROTOCOL,
  index: 0,
  gateway: "",
  group,
});
const ROUTE: Route = {
  ...{ family: 4, destination: "192.0.2.0/24", table: 254, metric: 0, type: "unicast", scope: "link" },
  ...{ protocol: OUR_PROTOCOL, nextHopId: 3, index: 0, source: "" },
};
const GROUP_LINK = { ...linkOf(4, "g"), alias: OUR_LINK_ALIAS };

const SEEN: KernelPicture = {
  links: [linkOf(2, "eth0"), GROUP_LINK],
  addresses: [address("192.0.2.10", OUR_PROTOCOL), address("192.0.2.99", 0)],
  nextHops: [single(1), single(9, 4), several(3, [1])],
  routes: [ROUTE],
  otherRoutes: [],
  settings: { "eth0/ipv4.rp_filter": "2" },
  kept: [],
};

const SET_ADDRESS: KernelRequest = { op: "set-address", replace: false, ...address("192.0.2.10", OUR_PROTOCOL) };
const SET_SINGLE: KernelRequest = { op: "set-next-hop", family: 4, id: 1, index: 2, gateway: "" };
const SET_GROUP: KernelRequest = { op: "set-next-hop-group", id: 3, group: [1] };
const SET_ROUTE: KernelRequest = { op: "set-route", route: ROUTE, replace: false };
const SET_SETTING: KernelRequest = { op: "set-setting", link: "eth0", index: 2, key: "ipv4.rp_filter", value: "2" };
const CREATE: KernelRequest = { op: "create-link", name: "g", kinds: [], alias: "" };
const SET_UP: KernelRequest = { op: "set-link-up", index: 4 };

const ALL = [SET_ADDRESS, SET_SINGLE, SET_GROUP, SET_ROUTE, SET_SETTING, CREATE, SET_UP];

/** The requests that put back what these notices tell of, after those that were asked for and granted before. */
function lostBy(notices: readonly KernelNotice[], before: readonly KernelRequest[] = [], pauseMs = 1): KernelRequest[] {
  const picture = new Picture();
  picture.replace(SEEN);
  const losses = new Losses();
  for (const request of before) losses.granted(request, 0);
  for (const notice of notices) {
    losses.see(notice, picture, pauseMs);
    picture.apply(notice);
  }
  return ALL.filter((request) => losses.granted(request, pauseMs));
}

const REMOVED: KernelNotice = { kind: "address-removed", address: address("192.0.2.10", OUR_PROTOCOL) };

describe("losses", () => {
  it("are what a notice takes away of ours, each put back once", () => {
    assert.deepEqual(lostBy([REMOVED, REMOVED]), [SET_ADDRESS]);
    assert.deepEqual(lostBy([{ kind: "next-hop-removed", id: 1 }]), [SET_SINGLE]);
    assert.deepEqual(lostBy([{ kind: "next-hop-removed", id: 3 }]), [SET_GROUP]);
    assert.deepEqual(lostBy([{ kind: "route-removed", route: ROUTE }]), [SET_ROUTE]);
    assert.deepEqual(lostBy([{ kind: "link-removed", index: 4, name: "g" }]), [CREATE]);
  });

  it("are what a notice changes of ours", () => {
    assert.deepEqual(lostBy([{ kind: "next-hop", nextHop: several(3, [1, 9]) }]), [SET_GROUP]);
    assert.deepEqual(lostBy([{ kind: "next-hop", nextHop: single(1, 196) }]), [SET_SINGLE]);
    assert.deepEqual(lostBy([{ kind: "link", link: { ...GROUP_LINK, adminUp: false } }]), [SET_UP]);
    assert.deepEqual(lostBy([{ kind: "link", link: { ...GROUP_LINK, name: "h" } }]), [CREATE]);
    assert.deepEqual(lostBy([{ kind: "link", link: { ...GROUP_LINK, alias: "mine" } }]), [CREATE]);
  });

  it("are not what is others', or as it was, or new", () => {
    const stranger = address("192.0.2.99", 0);
    const notices: KernelNotice[] = [
      { kind: "address-removed", address: stranger },
      { kind: "address", address: stranger },
      { kind: "next-hop-removed", id: 9 },
      { kind: "next-hop", nextHop: single(1) },
      { kind: "next-hop", nextHop: single(7) },
      { kind: "route-removed", route: { ...ROUTE, metric: 5 } },
      { kind: "link", link: GROUP_LINK },
      { kind: "link", link: linkOf(2, "eth0") },
      { kind: "link", link: linkOf(9, "eth9") },
      { kind: "link-removed", index: 2, name: "eth0" },
      { kind: "link-removed", index: 9, name: "eth9" },
    ];
    assert.deepEqual(lostBy(notices), []);
  });

  it("are not what we asked for ourselves, of which the notice comes later; but what comes too late for that is", () => {
    const { index, family, prefixLength } = address("192.0.2.10", OUR_PROTOCOL);
    const removals: KernelRequest[] = [
      { op: "remove-address", index, family, address: "192.0.2.10", prefixLength },
      { op: "remove-next-hop", id: 1 },
      { op: "remove-route", route: ROUTE },
      { op: "remove-link", index: 4 },
      { op: "set-next-hop-group", id: 3, group: [1, 2] },
      { op: "set-next-hop", family: 4, id: 1, index: 5, gateway: "" },
    ];
    const notices: KernelNotice[] = [
      REMOVED,
      { kind: "next-hop", nextHop: several(3, [1, 2]) },
      { kind: "next-hop", nextHop: { ...single(1), index: 5 } },
      { kind: "next-hop-removed", id: 1 },
      { kind: "route-removed", route: ROUTE },
      { kind: "link-removed", index: 4, name: "g" },
    ];
    assert.deepEqual(lostBy(notices, removals), []);
    assert.deepEqual(lostBy([REMOVED], removals, 5_000), [SET_ADDRESS]);
  });

  it("are settings and group interfaces that a dump shows otherwise, and nothing that notices tell of", () => {
    const picture = new Picture();
    picture.replace(SEEN);
    const losses = new Losses();
    const settings = { "eth0/ipv4.rp_filter": "1", "eth1/ipv4.rp_filter": "0" };
    losses.compare(picture, { ...SEEN, links: [], addresses: [], nextHops: [], routes: [], settings });
    assert.deepEqual(
      ALL.filter((request) => losses.granted(request, 0)),
      [SET_SETTING, CREATE],
    );
    losses.compare(picture, SEEN);
    assert.deepEqual(
      ALL.filter((request) => losses.granted(request, 0)),
      [],
    );
  });

  it("are forgotten where nobody misses them", () => {
    const picture = new Picture();
    picture.replace(SEEN);
    const losses = new Losses();
    losses.keepOnly([]);
    losses.see(REMOVED, picture, 0);
    losses.see({ kind: "next-hop-removed", id: 1 }, picture, 0);
    losses.keepOnly([SET_SINGLE]);
    assert.deepEqual([losses.granted(SET_ADDRESS, 0), losses.granted(SET_SINGLE, 0)], [false, true]);
  });
});
