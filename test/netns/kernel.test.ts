/** The kernel port against the real kernel, in a laboratory whose cards behave like physical ones. */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import type {
  Announcement,
  KernelNotice,
  KernelOutcome,
  KernelRequest,
  Link,
  Route,
} from "../../src/core/kernel-state/kernel-objects.ts";
import { OUR_LINK_ALIAS, OUR_PROTOCOL, ROUTE_TABLE } from "../../src/core/kernel-state/kernel-objects.ts";
import { MEMBER_SETTINGS } from "../../src/core/kernel-state/settings.ts";
import { Ear } from "../support/ear.ts";
import { Laboratory, wireRefusal } from "../support/laboratory.ts";
import { enterSandbox } from "../support/sandbox.ts";
import { skipBecause } from "../support/skip.ts";
import { waitFor } from "../support/wait-for.ts";

const refusal = await enterSandbox();

/** See the plan of the laboratory. */
const PEER_CARD = "lan";

const DATA = { 4: "192.0.2.10", 6: "2001:db8::10" } as const;
const HOP = {
  device0: 0x4950_0001,
  device1: 0x4950_0002,
  gateway4: 0x4950_0003,
  gateway6: 0x4950_0004,
  device4: 0x4950_0005,
} as const;
const GROUP = 0x4950_0010;
const CREATE: KernelRequest = {
  op: "create-link",
  name: "ip.mp0",
  kinds: ["no-such-kind", "dummy", "ifb", "bridge"],
  alias: OUR_LINK_ALIAS,
};

function address(index: number, family: 4 | 6, deprecated = false, replace = false): KernelRequest {
  const prefixLength = family === 4 ? 32 : 128;
  return {
    op: "set-address",
    index,
    family,
    address: DATA[family],
    prefixLength,
    scope: "universe",
    deprecated,
    replace,
  };
}

function routeOf(family: 4 | 6, changes: Partial<Route> = {}): Route {
  const own = family === 4 ? { destination: "192.0.2.0/24" } : { destination: "2001:db8::/64" };
  const scope = family === 4 ? "link" : "universe";
  const rest = { table: ROUTE_TABLE.main, metric: 50, type: "unicast", protocol: OUR_PROTOCOL } as const;
  return { family, ...own, scope, ...rest, nextHopId: GROUP, index: 0, source: DATA[family], ...changes };
}

function isCarrier(index: number, carrier: boolean): (notice: KernelNotice) => boolean {
  return (notice) => notice.kind === "carrier" && notice.index === index && notice.carrier === carrier;
}

function isLinkWithoutCarrier(index: number): (notice: KernelNotice) => boolean {
  return (notice) => notice.kind === "link" && notice.link.index === index && !notice.link.carrier;
}

describe("the kernel port", () => {
  let laboratory: Laboratory;
  let ear: Ear;
  let first: Link;
  let second: Link;

  before(function () {
    if (refusal !== undefined) skipBecause(this, refusal);
    const missing = wireRefusal("tap");
    if (missing !== undefined) skipBecause(this, missing);
  });

  beforeEach(async () => {
    laboratory = await Laboratory.create({ wire: "tap", nics: 2, peer: true });
    ear = new Ear(laboratory, "host");
    await waitFor(
      "both cards to have a carrier",
      () => ear.port.dump([]).links,
      (links) => {
        return links.filter((link) => link.name.startsWith("eth") && link.carrier).length === 2;
      },
    );
    first = ear.link("eth0");
    second = ear.link("eth1");
  });

  afterEach(async () => {
    ear?.port.close();
    await laboratory?.close();
  });

  /** Device next hops of both cards and their group. */
  function outbound(): KernelRequest[] {
    return [
      { op: "set-next-hop", family: 6, id: HOP.device0, index: first.index, gateway: "" },
      { op: "set-next-hop", family: 6, id: HOP.device1, index: second.index, gateway: "" },
      { op: "set-next-hop-group", id: GROUP, group: [HOP.device0, HOP.device1] },
    ];
  }

  function refused(request: KernelRequest): Extract<KernelOutcome, { ok: false }> {
    const [outcome] = ear.port.apply([request]);
    assert.ok(outcome && !outcome.ok, `${request.op} is refused`);
    return outcome;
  }

  it("lists links as ip does", async () => {
    type IpLink = { ifindex: number; ifname: string; address: string; mtu: number; flags: string[] };
    const seen = await laboratory.ipJson<IpLink>("host", "link");
    const expected = seen.map(({ ifindex, ifname, address: hardware, mtu, flags }) => {
      return { index: ifindex, name: ifname, hardwareAddress: hardware, mtu, adminUp: flags.includes("UP") };
    });
    const links = ear.port.dump([]).links.map(({ index, name, hardwareAddress, mtu, adminUp }) => {
      return { index, name, hardwareAddress, mtu, adminUp };
    });
    assert.deepEqual(links, expected);
    assert.equal(first.kind, "tun");
  });

  it("sets addresses, as often as one likes, with our mark and without a route of their own", async () => {
    for (const [at, deprecated] of [false, true, false, true].entries()) {
      const replace = at > 0;
      ear.apply(address(first.index, 4, deprecated, replace), address(first.index, 6, deprecated, replace));
      const ours = ear.port.dump([]).addresses.filter(({ protocol }) => protocol === OUR_PROTOCOL);
      const expected = ([4, 6] as const).map((family) => {
        const prefixLength = family === 4 ? 32 : 128;
        const where = { index: first.index, family, address: DATA[family], prefixLength };
        return { ...where, scope: "universe", protocol: OUR_PROTOCOL, tentative: false, deprecated };
      });
      assert.deepEqual(ours, expected);
    }
    type IpAddress = { addr_info: { local: string; noprefixroute?: boolean; nodad?: boolean }[] };
    const [shown] = await laboratory.ipJson<IpAddress>("host", "address", "show", "dev", "eth0");
    const infos = shown?.addr_info.filter(({ local }) => Object.values<string>(DATA).includes(local)) ?? [];
    assert.deepEqual(
      infos.map(({ noprefixroute, nodad }) => [noprefixroute, nodad]),
      [
        [true, undefined],
        [true, true],
      ],
    );
    for (const family of [4, 6] as const) {
      const prefixLength = family === 4 ? 32 : 128;
      const gone = { index: first.index, family, address: DATA[family], prefixLength } as const;
      ear.apply({ op: "remove-address", ...gone });
      assert.equal(refused({ op: "remove-address", ...gone }).code, "EADDRNOTAVAIL");
    }
  });

  it("sets next hops of every form, and ip sees them alike", async () => {
    ear.apply(
      ...outbound(),
      { op: "set-next-hop", family: 4, id: HOP.gateway4, index: first.index, gateway: "192.0.2.1" },
      { op: "set-next-hop", family: 6, id: HOP.gateway6, index: first.index, gateway: "fe80::1" },
      { op: "set-next-hop", family: 4, id: HOP.device4, index: first.index, gateway: "" },
      ...outbound(),
    );
    type IpNextHop = { id: number; dev?: string; gateway?: string; group?: { id: number }[]; flags: string[] };
    const show = (...words: string[]) =>
      laboratory.ipJson<IpNextHop>("host", ...words, "nexthop", "show", "protocol", `${OUR_PROTOCOL}`);
    const shown = await show();
    // ip does not print the family of a next hop, but shows those of one family.
    const ofIpv4 = new Set((await show("-4")).map(({ id }) => id));
    const expected = shown.map(({ id, dev, gateway = "", group = [] }) => {
      const ofDevice = ofIpv4.has(id) ? 4 : 6;
      const where = dev === undefined ? { family: 0, index: 0 } : { family: ofDevice, index: ear.link(dev).index };
      return { id, protocol: OUR_PROTOCOL, ...where, gateway, group: group.map((member) => member.id) };
    });
    assert.deepEqual(ear.port.dump([]).nextHops, expected);
    assert.deepEqual([...ofIpv4], [HOP.gateway4, HOP.device4]);
    assert.equal(shown.length, 6);
    // An IPv4 gateway is taken on our word; an IPv6 one needs a route that leads to it, and link-local ones have that.
    assert.deepEqual(shown.find(({ id }) => id === HOP.gateway4)?.flags, ["onlink"]);
    assert.deepEqual(shown.find(({ id }) => id === HOP.gateway6)?.flags, []);
    ear.apply({ op: "remove-next-hop", id: HOP.gateway4 });
    assert.equal(refused({ op: "remove-next-hop", id: HOP.gateway4 }).code, "ENOENT");
  });

  it("sets routes of every form, and takes nobody else's", async () => {
    const anchor = (family: 4 | 6): Route => {
      const destination = family === 4 ? `${DATA[4]}/32` : `${DATA[6]}/128`;
      // A metric of its own: with the kernel's (0) the route would collide with that of an address which a card carries.
      const local = { table: ROUTE_TABLE.local, metric: 50, type: "local" } as const;
      const scope = family === 4 ? "host" : "universe";
      return routeOf(family, { destination, ...local, scope, nextHopId: 0, index: ear.link("lo").index, source: "" });
    };
    await laboratory.ip("host", ["link set lo up"]);
    const broadcast = {
      destination: "192.0.2.255/32",
      table: ROUTE_TABLE.local,
      metric: 0,
      type: "broadcast",
    } as const;
    const routes = [
      routeOf(4),
      routeOf(4, broadcast),
      anchor(4),
      routeOf(6),
      routeOf(6, { destination: "::/0", metric: 1024 }),
      anchor(6),
    ];
    ear.apply(address(first.index, 4), address(first.index, 6), ...outbound());
    ear.apply(...routes.map((route): KernelRequest => ({ op: "set-route", route, replace: false })));
    const sorted = (list: readonly Route[]) => list.toSorted((a, b) => (a.destination < b.destination ? -1 : 1));
    assert.deepEqual(sorted(ear.port.dump([]).routes), sorted(routes));
    for (const route of routes) assert.equal(refused({ op: "set-route", route, replace: false }).code, "EEXIST");
    ear.apply(...routes.map((route): KernelRequest => ({ op: "set-route", route, replace: true })));
    assert.deepEqual(sorted(ear.port.dump([]).routes), sorted(routes));
    ear.apply(...routes.map((route): KernelRequest => ({ op: "remove-route", route })));
    assert.deepEqual(ear.port.dump([]).routes, []);
    assert.equal(refused({ op: "remove-route", route: routeOf(4) }).code, "ESRCH");
  });

  it("makes a group interface of the first kind there is, once, and never takes a stranger's", async () => {
    ear.apply(CREATE, CREATE);
    const made = ear.link("ip.mp0");
    assert.equal(made.alias, OUR_LINK_ALIAS);
    assert.ok(made.adminUp);
    assert.ok(["dummy", "ifb", "bridge"].includes(made.kind));
    assert.deepEqual(
      ear.port.dump([]).addresses.filter(({ index }) => index === made.index),
      [],
    );
    assert.equal(refused({ ...CREATE, name: "eth0" }).code, "EEXIST");
    assert.equal(refused({ ...CREATE, name: "other", kinds: ["no-such-kind"] }).code, "EOPNOTSUPP");
    ear.apply({ op: "remove-link", index: made.index });
    await ear.wait(
      "the link to be reported gone",
      (notice) => notice.kind === "link-removed" && notice.name === "ip.mp0",
    );
  });

  it("goes on after a failure, and passes on what the kernel said", () => {
    const bad: KernelRequest = { op: "set-next-hop", family: 6, id: HOP.device0, index: 9999, gateway: "" };
    const outcomes = ear.port.apply([bad, address(first.index, 4), bad]);
    const failed = { ok: false, errno: 22, code: "EINVAL", text: "Invalid device index" };
    assert.deepEqual(outcomes, [failed, { ok: true }, failed]);
  });

  it("applies more requests than one message can carry", () => {
    const many = Array.from({ length: 3000 }, (_, i): KernelRequest => {
      const ip = `198.18.${i >> 8}.${i & 255}`;
      return {
        op: "set-address",
        index: first.index,
        family: 4,
        address: ip,
        prefixLength: 32,
        scope: "host",
        deprecated: false,
        replace: false,
      };
    });
    ear.apply(...many);
    const ours = ear.port.dump([]).addresses.filter(({ protocol }) => protocol === OUR_PROTOCOL);
    assert.equal(ours.length, many.length);
  });

  it("changes settings in its namespace and puts every old value back", async () => {
    ear.apply(CREATE);
    const names = ["eth0", "ip.mp0"];
    const { links } = ear.port.dump([]);
    const indexOf = (name: string) => links.find((link) => link.name === name)?.index ?? 0;
    const before = ear.port.dump([...names, "absent"]).settings;
    assert.equal(Object.keys(before).filter((name) => name.startsWith("absent/")).length, 0);
    for (const link of names) {
      const index = indexOf(link);
      for (const { key, value } of MEMBER_SETTINGS) ear.apply({ op: "set-setting", link, index, key, value });
    }
    ear.apply({ op: "set-setting", link: "", index: 0, key: "ipv4.nexthop_compat_mode", value: "0" });
    const shown = await laboratory.run("host", ["cat", "/proc/sys/net/ipv4/conf/ip.mp0/arp_announce"]);
    assert.equal(shown.stdout.trim(), "2");
    assert.equal(ear.port.dump([]).settings["/ipv4.nexthop_compat_mode"], "0");
    // What a crash would leave: a new port finds the old values in the file.
    ear.port.close();
    ear = new Ear(laboratory, "host");
    const { kept } = ear.port.dump([]);
    assert.deepEqual(kept.map(({ index }) => index).sort(), [0, ...names.map(indexOf)].sort());
    ear.apply(
      ...["", ...names].map((link): KernelRequest => {
        const index = indexOf(link);
        return { op: "restore-settings", link, index, keys: kept.find((one) => one.index === index)?.keys ?? [] };
      }),
    );
    assert.deepEqual(ear.port.dump([]).kept, []);
    assert.deepEqual(ear.port.dump([...names, "absent"]).settings, before);
    assert.equal(
      refused({ op: "set-setting", link: "absent", index: 99, key: "ipv4.arp_ignore", value: "1" }).code,
      "ENOENT",
    );
    assert.equal(
      refused({ op: "set-setting", link: "../all", index: 99, key: "ipv4.arp_ignore", value: "1" }).code,
      "EINVAL",
    );
  });

  it("hears every kind of change, and only of ours where routes are meant", async () => {
    ear.apply(CREATE, address(first.index, 4), ...outbound());
    ear.apply({ op: "set-route", route: routeOf(4), replace: false }, { op: "remove-route", route: routeOf(4) });
    await laboratory.ip("host", ["route add 198.18.0.0/15 dev eth0"]);
    ear.apply({ op: "remove-next-hop", id: GROUP });
    ear.apply({ op: "remove-address", index: first.index, family: 4, address: DATA[4], prefixLength: 32 });
    await ear.wait("the address to be reported gone", ({ kind }) => kind === "address-removed");
    const kinds = new Set(ear.heard.map(({ notice }) => notice.kind));
    for (const kind of ["link", "address", "next-hop", "route", "route-removed", "next-hop-removed"] as const) {
      assert.ok(kinds.has(kind), `a notice ${kind}`);
    }
    const routes = ear.heard.flatMap(({ notice }) => (notice.kind === "route" ? [notice.route] : []));
    assert.deepEqual(routes, [routeOf(4)]);
  });

  it("hears nothing of another namespace", async () => {
    const other = new Ear(laboratory, "client");
    try {
      ear.apply(address(first.index, 4), CREATE);
      await ear.wait("the change at home", ({ kind }) => kind === "address");
      await laboratory.ip("client", ["link add mark type bridge"]);
      const [heard] = [await other.wait("the mark", (notice) => notice.kind === "link" && notice.link.name === "mark")];
      assert.equal(other.heard[0], heard);
    } finally {
      other.port.close();
    }
  });

  it("hears of a lost carrier at once, even while the kernel holds link events back", async () => {
    await laboratory.openLinkEventWindow();
    const unwatchedNs = await laboratory.pull("eth1");
    const late = await ear.wait("the held back notice", isLinkWithoutCarrier(second.index));
    ear.port.watch([first.index, second.index]);
    await laboratory.openLinkEventWindow();
    const watchedNs = await laboratory.pull("eth0");
    const prompt = await ear.wait("the carrier notice", isCarrier(first.index, false));
    const lateMs = (late.atNs - unwatchedNs) / 1e6;
    const promptMs = (prompt.atNs - watchedNs) / 1e6;
    assert.ok(lateMs > 200, `without a watch the kernel tells late: ${lateMs} ms`);
    assert.ok(promptMs < lateMs / 2, `with a watch it is told at once: ${promptMs} ms`);
  });

  it("sees a bounce as a loss and a return", async () => {
    ear.port.watch([first.index]);
    await laboratory.pull("eth0");
    await laboratory.plug("eth0");
    await ear.wait("the return of the carrier", isCarrier(first.index, true));
    const seen = ear.heard.flatMap(({ notice }) => (notice.kind === "carrier" ? [notice.carrier] : []));
    assert.deepEqual(seen, [false, true]);
  });

  it("stops watching a link that is gone", async () => {
    ear.port.watch([first.index, second.index]);
    await laboratory.removeNic("eth0");
    await ear.wait("the card to be reported gone", (notice) => notice.kind === "link-removed");
    await laboratory.pull("eth1");
    await ear.wait("the other card's loss", isCarrier(second.index, false));
  });

  it("announces so that the peer's wire shows it", async () => {
    const frames = await listenToFrames(laboratory);
    ear.port.announce(announcementsOf(second));
    await expectFrames(frames, second);
  });

  it("carries out an armed plan once, before it reports the loss", async () => {
    const frames = await listenToFrames(laboratory);
    ear.port.watch([first.index]);
    const requests = [address(second.index, 4), address(second.index, 6)];
    ear.port.arm([{ index: first.index, members: [first.index], announcements: announcementsOf(second), requests }]);
    await laboratory.pull("eth0");
    const { notice } = await ear.wait("the carrier notice", isCarrier(first.index, false));
    assert.deepEqual(notice, { kind: "carrier", index: first.index, carrier: false, fired: true });
    const copies = ear.port.dump([]).addresses.filter(({ protocol }) => protocol === OUR_PROTOCOL);
    assert.deepEqual(
      copies.map(({ index }) => index),
      [second.index, second.index],
    );
    await expectFrames(frames, second);
    await laboratory.plug("eth0");
    await ear.wait("the return of the carrier", isCarrier(first.index, true));
    await laboratory.pull("eth0");
    await ear.wait("a loss without a plan", (one) => one.kind === "carrier" && !one.carrier && !one.fired);
    assert.equal(ear.port.status().plansFired, 1);
  });

  it("fires on an administrator's down, too", async () => {
    ear.port.watch([first.index]);
    ear.port.arm([
      { index: first.index, members: [first.index], announcements: [], requests: [address(second.index, 4)] },
    ]);
    await laboratory.adminDown("eth0");
    const { notice } = await ear.wait("the carrier notice", isCarrier(first.index, false));
    assert.ok(notice.kind === "carrier" && notice.fired);
  });
});

function announcementsOf({ index, hardwareAddress }: Link): Announcement[] {
  return ([4, 6] as const).map((family) => ({ index, hardwareAddress, family, address: DATA[family] }));
}

/** Lines of tcpdump on the peer's own card, from when it listens. */
async function listenToFrames(laboratory: Laboratory): Promise<string[]> {
  const words = ["tcpdump", "-l", "-n", "-e", "-v", "-i", PEER_CARD, "arp or icmp6[0] == 136"];
  const child = laboratory.spawn("peer", words, { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const said: string[] = [];
  assert.ok(child.stdout && child.stderr);
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
  await waitFor(
    "tcpdump to listen",
    () => said.join("\n"),
    (text) => text.includes("listening on"),
  );
  return lines;
}

async function expectFrames(lines: string[], { hardwareAddress }: Link): Promise<void> {
  const wanted = [
    `Request who-has ${DATA[4]} tell ${DATA[4]}`,
    `Reply ${DATA[4]} is-at ${hardwareAddress}`,
    `tgt is ${DATA[6]}, Flags [override]`,
  ];
  const text = await waitFor(
    "all three frames",
    () => lines.join("\n"),
    (all) => wanted.every((one) => all.includes(one)),
  );
  assert.match(text, new RegExp(`${hardwareAddress} > 33:33:00:00:00:01.*hlim 255`));
  assert.doesNotMatch(text, /bad icmp6 cksum|incorrect/);
}
