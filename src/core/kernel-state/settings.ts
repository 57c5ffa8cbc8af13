/**
 * The sysctls that a group needs, with the reason for each. Keys are `FAMILY.NAME`: `ipv4.arp_ignore` of link eth0 is
 * /proc/sys/net/ipv4/conf/eth0/arp_ignore; with link "" it is /proc/sys/net/FAMILY/NAME, the whole namespace's.
 */
export interface Setting {
  readonly key: string;
  readonly value: string;
}

const ARP_ANNOUNCE = "ipv4.arp_announce";

/** The pseudo link whose values hold for every link. */
export const ALL_LINKS = "all";

/** For these the kernel takes the larger one of the values of the link and of `all`. So it does for rp_filter, but there ours is the largest. */
export const OUTWEIGHED_BY_ALL: readonly string[] = ["ipv4.arp_filter", "ipv4.arp_ignore", ARP_ANNOUNCE];

/** Read of each link, written on the group interface alone: "0", "1" or NO_IPV6. */
export const IPV6_DISABLED = "ipv6.disable_ipv6";

/** That value where the kernel gives the link no IPv6 at all: it has no settings of IPv6 there either. */
export const NO_IPV6 = "none";

/** Believed of that setting when a link has lost its link-local address, until it is read: IPv6 may have been switched off. */
export const IN_DOUBT = "in doubt";

export const MEMBER_SETTINGS: readonly Setting[] = [
  /** Only the member that carries an address answers for it. */
  { key: "ipv4.arp_ignore", value: "1" },
  /** Answer whoever asks: by the routing table the answer to some neighbours would leave by another member, and not be given here. */
  { key: "ipv4.arp_filter", value: "0" },
  /** Ask with an address of this member's own, so that no peer learns another member's address here. See `withoutOwnIpv4`. */
  { key: ARP_ANNOUNCE, value: "2" },
  /** Loose: replies to a standby's probes arrive on a link that no route prefers. The kernel takes max(all, link). */
  { key: "ipv4.rp_filter", value: "2" },
  /** Routers must not put addresses and default routes on single members behind our back. */
  { key: "ipv6.accept_ra", value: "0" },
];

/**
 * A member that carries data and has no IPv4 address of its own would ask with the first one of any other link: peers do not answer a stranger's
 * subnet, or learn another group's address here. So it asks with the source of the packet, which is a data address of its group.
 */
export function withoutOwnIpv4(setting: Setting): Setting {
  return setting.key === ARP_ANNOUNCE ? { ...setting, value: "0" } : setting;
}

/** Those whose value tells that we have been here: they are always the same. */
export const LASTING_MEMBER_SETTINGS = MEMBER_SETTINGS.filter(({ key }) => key !== ARP_ANNOUNCE);

/** Read, never written: how long duplicate address detection takes on the link. */
export const DETECTION_SETTINGS = {
  /** The kernel waits for up to so many seconds, at random, before it asks. */
  delay: "ipv6.router_solicitation_delay",
  /** So often it asks. */
  transmits: "ipv6.dad_transmits",
  /** So long it waits for an answer each time (ms). */
  retransmission: "ipv6.neigh.retrans_time_ms",
} as const;

export const NAMESPACE_SETTINGS = [
  /** A group change is one message, not one per route: ten thousand routes would overrun every listener. */
  { key: "ipv4.nexthop_compat_mode", value: "0" },
] as const satisfies readonly Setting[];

/** With `spread: l4`: hash addresses and ports of a flow, not the addresses alone. */
export const PER_FLOW_SETTINGS = [
  { key: "ipv4.fib_multipath_hash_policy", value: "1" },
  { key: "ipv6.fib_multipath_hash_policy", value: "1" },
] as const satisfies readonly Setting[];
