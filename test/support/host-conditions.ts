/** Makes a laboratory whose host is as a row of the table wants it, and the configuration of its group. */
import type { Host } from "./host-table.ts";
import { ADDRESSES, Laboratory } from "./laboratory.ts";
import { type NamespacePlan, portOf, type SysctlValue } from "./laboratory-plan.ts";

/** Peers on the link besides the usual one: enough that some of them are answered by each member. */
const PEERS = 8;
export const PEER_ADDRESSES = {
  4: Array.from({ length: PEERS }, (_, index) => `192.0.2.${101 + index}`),
  6: Array.from({ length: PEERS }, (_, index) => `2001:db8::${101 + index}`),
} as const;

export const DATA_ADDRESSES = {
  4: ["192.0.2.10", "192.0.2.11"],
  6: ["2001:db8::10", "2001:db8::11"],
} as const;

/** Of the router and the peer, besides those that the kernel makes of their hardware addresses: targets that can be named. */
const LINK_LOCALS = { router: "fe80::1", peer: "fe80::2" } as const;

const NAME_ENDS = { plain: "", "with a dot": ".10", "of 15 characters": "_of_15_char" } as const;

/** Around the range of our own ids. */
const STRANGERS_NEXT_HOPS = [1, 0x49500000 - 1, 0x49500000, 0x49500001, 0x49500003];

const FILTERS = {
  none: "",
  strict: `table inet strict {
    chain prerouting { type filter hook prerouting priority -150; fib saddr . iif oif missing drop; }
  }`,
  stateful: `table inet stateful {
    chain input { type filter hook input priority 0; ct state invalid drop; }
    chain output { type filter hook output priority 0; ct state invalid drop; }
  }`,
} as const;

export function familiesOf({ families }: Host): readonly (4 | 6)[] {
  return families === "4 and 6" ? [4, 6] : [Number(families) as 4 | 6];
}

/** The names of the cards that belong to the group. */
export function membersOf(laboratory: Laboratory, { members }: Host): string[] {
  return laboratory.nics.slice(0, Number(members));
}

/** How many members carry data when all of them work. */
export function activeAtFirst({ members, standby }: Host): number {
  return Number(members) - (standby === "none" ? 0 : 1);
}

export async function makeHost(host: Host): Promise<Laboratory> {
  const laboratory = await Laboratory.create({
    nics: Number(host.members) + (host["spare card"] === "none" ? 0 : 1),
    wire: host.cards === "tap" ? "tap" : "veth",
    stacked: host.cards === "macvlan",
    nameEnd: NAME_ENDS[host.names],
    peer: true,
    duplicateAddressDetection: true,
    host: { settings: settingsOf(host), lines: linesOf(host) },
  });
  try {
    await furnish(laboratory, host);
  } catch (error) {
    await laboratory.close();
    throw error;
  }
  return laboratory;
}

async function furnish(laboratory: Laboratory, host: Host): Promise<void> {
  await laboratory.ip("peer", peerLines());
  // As most distributions have it: such a peer does not answer who asks it in the name of a stranger.
  await laboratory.run("peer", ["sh", "-e"], { input: "echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter\n" });
  await laboratory.ip("router", [`address add ${LINK_LOCALS.router}/64 dev lan nodad`]);
  await laboratory.ip("switch", mtuLines(laboratory, host, portOf));
  await laboratory.ip("host", [
    ...(host.cards === "macvlan" ? mtuLines(laboratory, host, (nic) => nic.replace(/^eth/, "low")) : []),
    ...mtuLines(laboratory, host, (nic) => nic),
  ]);
  if (host.ipv6 === "off for the first") await switchIpv6(laboratory, "off");
  if (host.filter !== "none") await laboratory.run("host", ["nft", "-f", "-"], { input: FILTERS[host.filter] });
}

/** On the first card alone. */
export async function switchIpv6(laboratory: Laboratory, to: "on" | "off"): Promise<void> {
  const input = `echo ${to === "off" ? 1 : 0} >/proc/sys/net/ipv6/conf/${laboratory.nics[0]}/disable_ipv6\n`;
  await laboratory.run("host", ["sh", "-e"], { input });
}

/** The MTU of the card with this number. */
function mtuOf({ mtu }: Host, number: number): string {
  if (mtu !== "unlike") return mtu;
  return ["1500", "1200", "9000", "1400"][number] ?? "1500";
}

/** Can the card with this number have IPv6 before anything is changed? */
export function hasIpv6AtFirst(host: Host, number: number): boolean {
  if (host.ipv6 === "off" || (host.ipv6 === "off for the first" && number === 0)) return false;
  return Number(mtuOf(host, number)) >= 1280;
}

/** The same for all the time. */
export function hasIpv6(host: Host, number: number): boolean {
  return hasIpv6AtFirst(host, number) && (host.ipv6 !== "off for the first later" || number > 0);
}

function mtuLines(laboratory: Laboratory, host: Host, nameOf: (nic: string) => string): string[] {
  return laboratory.nics.map((nic, number) => `link set ${nameOf(nic)} mtu ${mtuOf(host, number)}`);
}

function settingsOf(host: Host): SysctlValue[] {
  const ofLinks = (["rp_filter", "arp_filter", "arp_ignore", "arp_announce"] as const).flatMap((name) =>
    (["all", "default"] as const).map((where): SysctlValue => [`ipv4/conf/${where}/${name}`, host[`${where}.${name}`]]),
  );
  const off = host.ipv6 === "off" ? "1" : "0";
  const forwarding = (name: string) => (host.forwarding === name || host.forwarding === "both" ? "1" : "0");
  return [
    // First, for it puts other settings to what suits a router.
    ["ipv4/ip_forward", forwarding("IPv4")],
    ["ipv6/conf/all/forwarding", forwarding("IPv6")],
    ...ofLinks,
    ["ipv4/conf/default/ignore_routes_with_linkdown", host.ignore_routes_with_linkdown],
    ["ipv6/conf/default/ignore_routes_with_linkdown", host.ignore_routes_with_linkdown],
    ["ipv4/fib_multipath_hash_policy", host.fib_multipath_hash_policy],
    ["ipv6/fib_multipath_hash_policy", host.fib_multipath_hash_policy],
    ["ipv6/conf/all/accept_ra", host.accept_ra],
    ["ipv6/conf/default/accept_ra", host.accept_ra],
    ["ipv6/conf/default/dad_transmits", host.dad_transmits],
    ["ipv6/conf/all/disable_ipv6", off],
    ["ipv6/conf/default/disable_ipv6", off],
  ];
}

/** Another card of the host that has nothing to do with the group, and what others have put on it. */
function linesOf(host: Host): NamespacePlan["lines"] {
  const rules = {
    none: [],
    "by source": ["rule add from 203.0.113.5 lookup 100 priority 100"],
    "by mark": ["rule add fwmark 0x10 lookup 100 priority 90", "rule add to 203.0.113.0/24 lookup main priority 95"],
  }[host.rules];
  const nextHops = STRANGERS_NEXT_HOPS.map((id) => `nexthop add id ${id} via 203.0.113.1 dev other0 protocol static`);
  return [
    "link add other0 type veth peer name other1",
    "link set other0 up",
    "link set other1 up",
    "address add 203.0.113.5/24 dev other0",
    ...(host.rules === "none" ? [] : [...rules, "route add default via 203.0.113.1 dev other0 table 100"]),
    ...(host["next hops"] === "none" ? [] : [...nextHops, `nexthop add id ${0x49500005} group 1 protocol static`]),
    ...(host["next hops"] === "none" ? [] : [`route add 198.18.0.0/15 nhid ${0x49500005}`]),
  ];
}

function peerLines(): string[] {
  return [
    ...PEER_ADDRESSES[4].map((address) => `address add ${address}/24 dev lan`),
    ...PEER_ADDRESSES[6].map((address) => `address add ${address}/64 dev lan nodad`),
    `address add ${LINK_LOCALS.peer}/64 dev lan nodad`,
  ];
}

/** JSON, which is YAML as well. */
export function configurationOf(laboratory: Laboratory, host: Host): string {
  const families = familiesOf(host);
  const members = membersOf(laboratory, host);
  const interfaces = members.map((name, number) => [name, memberOf(host, number)]);
  const group = {
    interfaces: Object.fromEntries(interfaces),
    "group-interface": host.device !== "none",
    addresses: families.flatMap((family) =>
      DATA_ADDRESSES[family].map((address) => `${address}/${family === 4 ? 24 : 64}`),
    ),
    routes: families.map((family) => ({ to: "default", via: ADDRESSES.router[family] })),
    "transitive-probing": host.judged === "by transitive probes",
    ...(host.judged === "by link" ? {} : { "failure-detection-time": "500ms" }),
    targets: targetsOf(host),
    // The test breaks the same path more often than an administrator would.
    "flap-limit": "off",
  };
  return `${JSON.stringify({ groups: { ipmp0: group } }, null, 2)}\n`;
}

/** Named, since a filter that drops what it takes for invalid drops answers to multicasts. */
function targetsOf(host: Host): readonly string[] {
  const targets = { 4: [ADDRESSES.router[4], ADDRESSES.peer[4]], 6: [LINK_LOCALS.router, LINK_LOCALS.peer] };
  const [first = 4] = familiesOf(host);
  if (host.judged === "by link") return [];
  return host.judged === "by probes" ? targets[first] : familiesOf(host).flatMap((family) => targets[family]);
}

function memberOf(host: Host, number: number): object {
  // One family of test addresses will do, and leaves the other one to be carried unprobed.
  const test = familiesOf(host)[0] === 4 ? `192.0.2.${20 + number}/24` : `fe80::${20 + number}/64`;
  return {
    standby: host.standby === "the last" && number === Number(host.members) - 1,
    ...(host.judged === "by probes" ? { "test-address": test } : {}),
  };
}
