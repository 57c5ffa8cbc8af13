/** What the kernel port tells of links, and of routes that are not ours, against what `ip` shows. */
import assert from "node:assert/strict";
import type { KernelRequest, OtherRoute } from "../../src/core/kernel-state/kernel-objects.ts";
import { OUR_LINK_ALIAS } from "../../src/core/kernel-state/kernel-objects.ts";
import { Ear } from "../support/ear.ts";
import { Laboratory } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

const CARDS = ["eth0", "eth1"] as const;

/** One that nobody asks about. */
const ELSEWHERE = "elsewhere";

/** RTPROT_BOOT. */
const IP_ITSELF = "3";

interface ShownHop {
  readonly dev: string;
  readonly gateway?: string;
  readonly via?: { readonly host: string };
}

interface ShownRoute extends ShownHop {
  readonly dst: string;
  readonly metric?: number;
  /** `ip` leaves out that of its own routes. */
  readonly protocol?: string;
  readonly nexthops?: readonly ShownHop[];
  readonly nhid?: number;
}

interface ShownNextHop extends ShownHop {
  readonly id: number;
  readonly group?: readonly { readonly id: number }[];
}

/** Routes as `FAMILY DESTINATION METRIC PROTOCOL LINK GATEWAY`. */
type Line = string;

function lineOf({ family, destination, metric, protocol, index, gateway }: OtherRoute): Line {
  return [family, destination, metric, protocol, index, gateway].join(" ");
}

describe("links and routes of others", () => {
  let laboratory: Laboratory;
  let ear: Ear;
  /** Of the cards, by name. */
  let indexes: ReadonlyMap<string, number>;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
  });

  beforeEach(async () => {
    laboratory = await Laboratory.create({ wire: "veth", nics: 2, duplicateAddressDetection: false });
    await laboratory.ip("host", [
      `link add ${ELSEWHERE} up type bridge`,
      `address add 203.0.113.1/24 dev ${ELSEWHERE}`,
    ]);
    ear = new Ear(laboratory, "host");
    indexes = new Map(CARDS.map((card) => [card, ear.link(card).index]));
  });

  afterEach(async () => {
    ear?.port.close();
    await laboratory?.close();
  });

  /** What a listener believes who began with a dump and followed the notices. */
  function follow(): () => Line[] {
    const { otherRoutes } = ear.port.dump(CARDS);
    ear.heard.length = 0;
    return () => {
      const believed = new Set(otherRoutes.map(lineOf));
      for (const { notice } of ear.heard) {
        if (notice.kind === "other-route") believed.add(lineOf(notice.route));
        if (notice.kind === "other-route-removed") believed.delete(lineOf(notice.route));
      }
      return [...believed].sort();
    };
  }

  /** The same by `ip`. */
  async function shown(): Promise<Line[]> {
    const nextHops = await laboratory.ipJson<ShownNextHop>("host", "nexthop");
    const lines = ([4, 6] as const).map(async (family) => {
      const words = [`-${family}`, "-N", "route", "show", "table", "254"];
      const routes = await laboratory.ipJson<ShownRoute>("host", ...words);
      return routes.flatMap((route) => linesOf(resolve(route, nextHops), family));
    });
    return [...new Set((await Promise.all(lines)).flat())].sort();
  }

  /** With `nexthop_compat_mode` the kernel says what is in the object. */
  function resolve(route: ShownRoute, nextHops: readonly ShownNextHop[]): ShownRoute {
    if (route.nhid === undefined || route.dev !== undefined || route.nexthops !== undefined) return route;
    const hops = (id: number) => nextHops.filter((hop) => hop.id === id);
    const singles = hops(route.nhid).flatMap((top) => top.group?.flatMap(({ id }) => hops(id)) ?? [top]);
    return { ...route, nexthops: singles };
  }

  function linesOf(route: ShownRoute, family: 4 | 6): Line[] {
    const { dst, metric = 0, protocol = IP_ITSELF, nexthops = [route] } = route;
    if (dst.startsWith("fe80:")) return [];
    const [everything, length] = family === 4 ? ["0.0.0.0/0", 32] : ["::/0", 128];
    const destination = dst === "default" ? everything : dst.includes("/") ? dst : `${dst}/${length}`;
    return nexthops.flatMap(({ dev, gateway, via }) => {
      const index = indexes.get(dev);
      return index === undefined
        ? []
        : [[family, destination, metric, protocol, index, gateway ?? via?.host ?? ""].join(" ")];
    });
  }

  /** Carries out one `ip` line after the other, and waits after each until what is believed is what is shown. */
  async function walk(...lines: string[]): Promise<void> {
    const believed = follow();
    assert.deepEqual(believed(), await shown());
    for (const line of lines) {
      await laboratory.ip("host", [line]);
      await waitFor(
        `the routes to be known after "ip ${line}"`,
        async () => ({ believed: believed(), shown: await shown() }),
        (seen) => seen.believed.join("\n") === seen.shown.join("\n"),
      );
    }
  }

  const ADDRESSES = [
    "address add 192.0.2.10/24 dev eth0",
    "address add 192.0.2.11/24 dev eth1",
    "address add 2001:db8::10/64 dev eth0",
    "address add 2001:db8::11/64 dev eth1",
  ];

  it("follows routes that are added, replaced and deleted", async () => {
    await walk(
      ...ADDRESSES,
      "route add default via 192.0.2.1 dev eth0",
      "route replace default via 192.0.2.2 dev eth1",
      `route replace default via 203.0.113.2 dev ${ELSEWHERE}`,
      "route replace default via 192.0.2.1 dev eth0 proto static metric 7",
      "route add 198.51.100.0/24 dev eth0 src 192.0.2.10",
      "route append 198.51.100.0/24 dev eth1",
      "route replace 198.51.100.0/24 via 192.0.2.3 dev eth1 src 192.0.2.11",
      "route delete 198.51.100.0/24 via 192.0.2.3",
      "route add 198.51.101.7 via inet6 fe80::7 dev eth0",
      "route delete 198.51.100.0/24",
      "route add default via fe80::1 dev eth0",
      "route replace default via fe80::2 dev eth1",
      "route append default via fe80::3 dev eth0",
      "route delete default via fe80::2 dev eth1",
      `route replace ::/0 dev ${ELSEWHERE}`,
      "address delete 192.0.2.10/24 dev eth0",
      "address delete 2001:db8::10/64 dev eth0",
    );
  });

  it("tells one route for each next hop, in next-hop objects, too, whether the kernel shows these or not", async () => {
    await laboratory.ip("host", ADDRESSES);
    for (const mode of ["1", "0"]) {
      ear.apply({ op: "set-setting", link: "", index: 0, key: "ipv4.nexthop_compat_mode", value: mode });
      await walk(
        `route add 198.51.100.0/24 nexthop via 192.0.2.1 dev eth0 nexthop via 203.0.113.2 dev ${ELSEWHERE}`,
        "route add 2001:db8:100::/64 nexthop via fe80::1 dev eth0 nexthop via fe80::2 dev eth1",
        `nexthop add id 7 via 192.0.2.7 dev eth0`,
        `nexthop add id 8 via 192.0.2.8 dev eth1`,
        `nexthop add id 9 group 7/8`,
        `nexthop add id 10 via 203.0.113.2 dev ${ELSEWHERE}`,
        "route add 198.51.101.0/24 nhid 7",
        "route add 198.51.102.0/24 nhid 9",
        "route add 198.51.103.0/24 nhid 10",
        "nexthop replace id 7 via 192.0.2.17 dev eth0",
        "nexthop replace id 10 via 192.0.2.10 dev eth1",
        "nexthop replace id 10 via 203.0.113.3 dev elsewhere",
        "nexthop delete id 8",
        "nexthop delete id 7",
        "nexthop delete id 10",
        "route delete 198.51.100.0/24",
        "route delete 2001:db8:100::/64",
      );
    }
  });

  it("learns what goes with a link, of which the kernel says nothing for IPv4", async () => {
    await laboratory.ip("host", ADDRESSES);
    for (let round = 0; round < 10; round += 1) {
      await walk(
        "route add 198.51.100.0/24 dev eth0",
        "route add 198.51.101.0/24 nexthop via 192.0.2.1 dev eth0 nexthop via 192.0.2.2 dev eth1",
        "route add 2001:db8:100::/64 dev eth0",
        "link set eth0 down",
        "link set eth0 up",
        "route delete 198.51.101.0/24",
      );
    }
    await walk("route add 198.51.100.0/24 dev eth0", "route add 2001:db8:100::/64 dev eth0", "link delete eth0");
  });

  it("says nothing of links that nobody asked about, however much there is", async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => `198.18.${i >> 8}.${i & 255} dev ${ELSEWHERE}`);
    const believed = follow();
    await laboratory.ip(
      "host",
      many.map((route) => `route add ${route}`),
    );
    await laboratory.ip(
      "host",
      many.map((route) => `route replace ${route} src 203.0.113.1`),
    );
    await laboratory.ip("host", ["link set eth0 mtu 1400"]);
    await ear.wait("the mark", (notice) => notice.kind === "link" && notice.link.mtu === 1400);
    assert.deepEqual(believed(), await shown());
    assert.deepEqual(new Set(ear.heard.map(({ notice }) => notice.kind)), new Set(["link"]));
    assert.equal(ear.port.status().dropped, 0);
    assert.deepEqual(ear.port.dump(CARDS).otherRoutes, []);
    assert.equal(ear.port.dump([ELSEWHERE]).otherRoutes.length, many.length + 1);
    assert.deepEqual(ear.port.dump([]).otherRoutes, []);
  });

  it("reports a new hardware address", async () => {
    const hardwareAddress = "02:11:22:33:44:55";
    await laboratory.ip("host", [`link set eth0 address ${hardwareAddress}`]);
    const index = indexes.get("eth0");
    await ear.wait("the new address", (notice) => {
      return notice.kind === "link" && notice.link.index === index && notice.link.hardwareAddress === hardwareAddress;
    });
  });

  it("tells links whose carrier means something from those that always have one", async () => {
    const group: KernelRequest = { op: "create-link", name: "ipmp0", kinds: ["dummy", "ifb"], alias: OUR_LINK_ALIAS };
    await laboratory.ip("host", ["tuntap add name tap0 mode tap"]);
    ear.apply(group);
    const reported = (name: string) => ear.link(name).carrierReported;
    for (const state of ["up", "down", "up"]) {
      await laboratory.ip(
        "host",
        ["lo", "tap0", "ipmp0", "eth0"].map((name) => `link set ${name} ${state}`),
      );
      assert.deepEqual(["lo", "ipmp0"].map(reported), [false, false], `links without, ${state}`);
      assert.deepEqual(["tap0", "eth0"].map(reported), [true, true], `links with, ${state}`);
    }
  });

  it("tells how often the carrier was lost", async () => {
    const before = ear.link("eth0").carrierLosses;
    await laboratory.ip("host", ["link set eth0 down", "link set eth0 up"]);
    assert.equal(ear.link("eth0").carrierLosses, before + 1);
  });

  it("tells the flags that ip tells", async () => {
    await laboratory.ip("host", ["tuntap add name tun0 mode tun", "link add ifb7 type ifb"]);
    const links = await laboratory.ipJson<{ ifname: string; flags: string[] }>("host", "link");
    const expected = links.map(({ ifname, flags }) => {
      return [ifname, ...["MULTICAST", "POINTOPOINT", "LOOPBACK", "NOARP"].map((flag) => flags.includes(flag))];
    });
    const told = ear.port.dump([]).links.map(({ name, multicast, pointToPoint, loopback, noArp }) => {
      return [name, multicast, pointToPoint, loopback, noArp];
    });
    assert.deepEqual(told, expected);
  });

  it("tells whether a member may have IPv6, and writes nothing there", async () => {
    const isDisabled = () => ear.port.dump(["eth0", "absent"]).settings["eth0/ipv6.disable_ipv6"];
    assert.equal(isDisabled(), "0");
    await laboratory.run("host", ["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6"]);
    assert.equal(isDisabled(), "1");
    await laboratory.run("host", ["sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6"]);
    // Too short for IPv6, which then leaves the link.
    await laboratory.ip("host", ["link set eth0 mtu 1000"]);
    assert.equal(isDisabled(), "none");
    assert.ok(!("absent/ipv6.disable_ipv6" in ear.port.dump(["absent"]).settings));
  });
});
