/**
 * Hosts that differ: each factor is something that an administrator, a distribution or another program may have chosen before a
 * group comes to the host. The table holds every pair of their values at least once.
 */
import { type Combination, type Impossible, pairwise } from "./pairwise.ts";

export const HOST_FACTORS = {
  members: ["2", "1", "4"],
  cards: ["veth", "tap", "macvlan"],
  names: ["plain", "with a dot", "of 15 characters"],
  judged: ["by link", "by probes", "by transitive probes"],
  families: ["4 and 6", "4", "6"],
  device: ["ipmp0", "none"],
  standby: ["none", "the last"],
  ipv6: ["on", "off", "off for the first", "off for the first later"],
  mtu: ["1500", "1200", "9000", "unlike"],
  dad_transmits: ["1", "0", "2", "3"],
  "all.rp_filter": ["0", "1", "2"],
  "default.rp_filter": ["0", "1", "2"],
  "all.arp_filter": ["0", "1"],
  "default.arp_filter": ["0", "1"],
  "all.arp_ignore": ["0", "1", "2"],
  "default.arp_ignore": ["0", "1", "2"],
  "all.arp_announce": ["0", "1", "2"],
  "default.arp_announce": ["0", "1", "2"],
  accept_ra: ["1", "0", "2"],
  forwarding: ["off", "IPv4", "IPv6", "both"],
  ignore_routes_with_linkdown: ["0", "1"],
  fib_multipath_hash_policy: ["0", "1"],
  rules: ["none", "by source", "by mark"],
  filter: ["none", "strict", "stateful"],
  "spare card": ["none", "on the wire"],
  "next hops": ["none", "of others"],
} as const;

export type Host = Combination<typeof HOST_FACTORS>;

export const IMPOSSIBLE: readonly Impossible<typeof HOST_FACTORS>[] = [
  { these: { members: "1", standby: "the last" }, why: "a group of standbys alone has nobody to stand by for" },
  { these: { members: "1", ipv6: "off for the first" }, why: "that is off for all" },
  { these: { members: "1", ipv6: "off for the first later" }, why: "then nobody is left to take over" },
  { these: { ipv6: "off for the first", mtu: "1200" }, why: "it is off for all, and has no setting there" },
  { these: { ipv6: "off for the first later", mtu: "1200" }, why: "it is off for all from the start" },
  { these: { members: "1", mtu: "unlike" }, why: "there is nothing to be unlike" },
  { these: { families: "6", ipv6: "off" }, why: "such a host can have nothing of such a group" },
  { these: { families: "6", mtu: "1200" }, why: "the kernel gives such a link no IPv6" },
  // Whichever card answers first wins. That such a card answers has a test of its own.
  { these: { "spare card": "on the wire", "default.arp_ignore": "0" }, why: "it would answer for data addresses, too" },
  { these: { cards: "macvlan", "default.arp_ignore": "0" }, why: "so would the card that it stands on" },
];

const SEED = 1;

export function hostTable(): Host[] {
  return pairwise(HOST_FACTORS, IMPOSSIBLE, SEED);
}

/** Everything as it usually is. */
export function ordinaryHost(): Host {
  return Object.fromEntries(
    Object.entries(HOST_FACTORS).map(([name, [ordinary]]) => [name, ordinary]),
  ) as unknown as Host;
}

/** What is out of the ordinary, and how many members there are. */
export function titleOf(host: Host): string {
  const words = Object.entries(HOST_FACTORS).flatMap(([name, [ordinary]]) => {
    const value = host[name as keyof Host];
    if (name === "members") return [`${value} members`];
    return value === ordinary ? [] : [`${name} ${value}`];
  });
  return words.join(", ");
}
