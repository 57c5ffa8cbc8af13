import assert from "node:assert/strict";
import {
  type KernelPicture,
  type Link,
  OUR_LINK_ALIAS,
  OUR_PROTOCOL,
} from "../../../../src/core/kernel-state/kernel-objects.ts";
import { releasePlan } from "../../../../src/core/kernel-state/release.ts";

function link(index: number, name: string, more: Partial<Link> = {}): Link {
  const flags = { adminUp: true, carrier: true, carrierReported: true, running: true, multicast: true } as const;
  const others = {
    pointToPoint: false,
    loopback: false,
    noArp: false,
    mtu: 1500,
    master: 0,
    lower: 0,
    carrierLosses: 0,
  } as const;
  return { index, name, hardwareAddress: "", ...flags, ...others, kind: "", alias: "", ...more };
}

const address = (index: number, text: string, protocol: number) =>
  ({
    index,
    family: 4,
    address: text,
    prefixLength: 32,
    scope: "universe",
    protocol,
    tentative: false,
    deprecated: false,
  }) as const;

const nextHop = (id: number, group: number[], protocol = OUR_PROTOCOL) => ({
  id,
  index: group.length > 0 ? 0 : 2,
  family: (group.length > 0 ? 0 : 4) as 0 | 4,
  gateway: "",
  group,
  protocol,
});

const route = (destination: string, type: "unicast" | "broadcast", protocol = OUR_PROTOCOL) =>
  ({
    family: 4,
    destination,
    table: 254,
    metric: 7,
    type,
    scope: "link",
    protocol,
    nextHopId: 3,
    index: 0,
    source: "",
  }) as const;

const NOTHING: KernelPicture = {
  links: [],
  addresses: [],
  nextHops: [],
  routes: [],
  otherRoutes: [],
  settings: {},
  kept: [],
};

describe("what a release takes", () => {
  it("is nothing where nothing is ours", () => {
    const seen = { ...NOTHING, links: [link(2, "eth0")], addresses: [address(2, "192.0.2.1", 0)] };
    assert.deepEqual(releasePlan(seen), { taken: [], putBack: [], leftUp: [] });
  });

  it("is named thing by thing, next hops by their number", () => {
    const seen: KernelPicture = {
      ...NOTHING,
      links: [
        link(2, "eth0"),
        link(3, "eth1", { adminUp: false }),
        link(4, "g", { alias: OUR_LINK_ALIAS }),
        link(5, "eth2"),
      ],
      addresses: [
        address(2, "192.0.2.10", OUR_PROTOCOL),
        address(4, "192.0.2.10", OUR_PROTOCOL),
        address(9, "192.0.2.10", OUR_PROTOCOL),
      ],
      nextHops: [nextHop(1, []), nextHop(2, []), nextHop(3, [1, 2])],
      routes: [route("0.0.0.0/0", "unicast"), route("192.0.2.255/32", "broadcast")],
      kept: [
        { index: 0, keys: ["ipv4.nexthop_compat_mode"] },
        { index: 3, keys: ["ipv4.arp_ignore", "ipv4.rp_filter"] },
        { index: 8, keys: ["ipv4.arp_ignore"] },
      ],
    };
    assert.deepEqual(releasePlan(seen), {
      taken: [
        "route default (0.0.0.0/0) metric 7",
        "broadcast route 192.0.2.255/32 metric 7",
        "address 192.0.2.10/32 of eth0",
        "address 192.0.2.10/32 of g",
        "address 192.0.2.10/32 of link 9",
        "group interface g",
        "1 next-hop group",
        "2 next hops",
      ],
      putBack: ["ipv4.nexthop_compat_mode of the namespace", "ipv4.arp_ignore, ipv4.rp_filter of eth1"],
      leftUp: ["eth0"],
    });
  });
});
