/**
 * Kernel objects as rtnetlink names them: what is seen, what is asked for, and what the kernel answered.
 * Types and a few numbers; `src/kernel` turns them into messages, the machine compares them.
 */
import type { Family } from "../configuration.ts";

/** Marks addresses (IFA_PROTO), routes and next hops (protocol) as ours. Not taken in rt_protos. */
export const OUR_PROTOCOL = 77;

/** Our next-hop ids lie in [first, last]; ids are global per namespace. */
export const OUR_NEXT_HOP_IDS = { first: 0x4950_0000, last: 0x4950_ffff } as const;

/** Written to IFLA_IFALIAS of a group interface that we made: links carry no protocol number. */
export const OUR_LINK_ALIAS = "IPMP group interface";

/** Kernel numbers that routes carry. */
export const ROUTE_TABLE = { main: 254, local: 255 } as const;
export type RouteType = "unicast" | "local" | "broadcast";
export type Scope = "universe" | "link" | "host";

export interface Link {
  readonly index: number;
  readonly name: string;
  /** Link-layer address, lower-case colon form, or "" where the device has none. */
  readonly hardwareAddress: string;
  /** IFF_UP. */
  readonly adminUp: boolean;
  /** IFLA_CARRIER where present, else IFF_LOWER_UP: can bits go out? */
  readonly carrier: boolean;
  /**
   * IFF_RUNNING: the operational state is up, or unknown. With a carrier alone a link may be dormant (802.1X has not let it in yet),
   * under test, or stand on one that is down.
   */
  readonly running: boolean;
  /** The driver reports changes of its carrier: IFLA_OPERSTATE is not "unknown". Where it does not, `carrier` is always true. */
  readonly carrierReported: boolean;
  /** IFLA_CARRIER_DOWN_COUNT: so often the carrier has been lost since there is the link. Where it does not grow the link was up all the time. */
  readonly carrierLosses: number;
  /** IFF_MULTICAST, IFF_POINTOPOINT, IFF_LOOPBACK, IFF_NOARP. */
  readonly multicast: boolean;
  readonly pointToPoint: boolean;
  readonly loopback: boolean;
  readonly noArp: boolean;
  readonly mtu: number;
  /** IFLA_MASTER: index of the bridge, bond or VRF that this link belongs to, or 0. */
  readonly master: number;
  /** Index of the link that this one stands on, where that is in the same namespace, or 0: a VLAN, a macvlan, and the like. */
  readonly lower: number;
  /** IFLA_INFO_KIND ("veth", "dummy", "tun", ...) or "". */
  readonly kind: string;
  /** IFLA_IFALIAS or "". */
  readonly alias: string;
}

export interface InterfaceAddress {
  readonly index: number;
  readonly family: Family;
  readonly address: string;
  /** As on the device. What we put there is of one host (32, 128), but for link-local ones: these lead to their neighbours (64). */
  readonly prefixLength: number;
  readonly scope: Scope;
  /** IFA_PROTO, 0 where the kernel names none. */
  readonly protocol: number;
  /** IFA_F_TENTATIVE: duplicate address detection is still running. */
  readonly tentative: boolean;
  /** IFA_F_DEPRECATED, or preferred lifetime 0. */
  readonly deprecated: boolean;
}

/** A next-hop object: either a single one (`index`) or a group (`group`). */
export interface NextHop {
  readonly id: number;
  readonly protocol: number;
  /** Of a single next hop: one of IPv6 needs IPv6 on its device, whatever routes use it. 0 for a group. */
  readonly family: Family | 0;
  /** Device of a single next hop, 0 for a group. */
  readonly index: number;
  /** Gateway of a single next hop, "" for a device-only one and for a group. */
  readonly gateway: string;
  /** Member ids (ascending, weight 1) of a group, empty for a single next hop. */
  readonly group: readonly number[];
}

export interface Route {
  readonly family: Family;
  /** Canonical prefix, e.g. 192.0.2.0/24, ::/0. */
  readonly destination: string;
  readonly table: number;
  /** RTA_PRIORITY; IPv6 shows 1024 where 0 was given. */
  readonly metric: number;
  readonly type: RouteType;
  readonly scope: Scope;
  readonly protocol: number;
  /** RTA_NH_ID, 0 where the route names a device itself. */
  readonly nextHopId: number;
  /** RTA_OIF, 0 where the route uses a next-hop object. */
  readonly index: number;
  /** RTA_PREFSRC, or "". */
  readonly source: string;
}

/**
 * A unicast route of the main table that somebody else made and that leaves by a link we asked about: where routers are, and
 * what may lead traffic past a group. A multipath route gives one for each of its next hops.
 */
export interface OtherRoute {
  readonly family: Family;
  readonly destination: string;
  readonly metric: number;
  /** RTA_PROTOCOL, e.g. 2 kernel, 3 boot, 4 static, 16 dhcp. */
  readonly protocol: number;
  readonly index: number;
  /** "" where the destination is on-link. */
  readonly gateway: string;
}

/**
 * Everything that concerns us in one namespace at one moment. `links` and `addresses` are complete; `nextHops` are
 * complete (foreign ids must be avoided); `routes` are those with our protocol; `settings` the values of
 * MEMBER_SETTINGS and of IPV6_DISABLED for every link that was asked about, keyed `NAME/KEY`, and always those of the namespace,
 * keyed `/KEY`.
 */
export interface KernelPicture {
  readonly links: readonly Link[];
  readonly addresses: readonly InterfaceAddress[];
  readonly nextHops: readonly NextHop[];
  readonly routes: readonly Route[];
  /** Routes of others by the links that were asked about. */
  readonly otherRoutes: readonly OtherRoute[];
  readonly settings: Readonly<Record<string, string>>;
  /** Settings of which the value from before us is kept; index 0 is the namespace. The link may be gone or renamed since. */
  readonly kept: readonly KeptSettings[];
}

export interface KeptSettings {
  readonly index: number;
  readonly keys: readonly string[];
}

/** One change that the kernel reported by itself. */
export type KernelNotice =
  | { readonly kind: "link"; readonly link: Link }
  | { readonly kind: "link-removed"; readonly index: number; readonly name: string }
  /** From the carrier watch, ahead of RTM_NEWLINK. `fired`: an armed failover plan was carried out for it. */
  | { readonly kind: "carrier"; readonly index: number; readonly carrier: boolean; readonly fired: boolean }
  | { readonly kind: "address"; readonly address: InterfaceAddress }
  | { readonly kind: "address-removed"; readonly address: InterfaceAddress }
  | { readonly kind: "next-hop"; readonly nextHop: NextHop }
  | { readonly kind: "next-hop-removed"; readonly id: number }
  | { readonly kind: "route"; readonly route: Route }
  | { readonly kind: "route-removed"; readonly route: Route }
  | { readonly kind: "other-route"; readonly route: OtherRoute }
  | { readonly kind: "other-route-removed"; readonly route: OtherRoute };

/** One thing asked of the kernel. `set-*` creates or changes, and repeating it is harmless. */
export type KernelRequest =
  /** The first of `kinds` that this kernel has; the adapter also sets alias, link up, and no IPv6 link-local. */
  | { readonly op: "create-link"; readonly name: string; readonly kinds: readonly string[]; readonly alias: string }
  | { readonly op: "set-link-up"; readonly index: number }
  | { readonly op: "remove-link"; readonly index: number }
  /** A write to /proc/sys/net; the adapter keeps the first old value. Key as in MEMBER_SETTINGS. */
  | {
      readonly op: "set-setting";
      readonly link: string;
      readonly index: number;
      readonly key: string;
      readonly value: string;
    }
  /** Puts back kept values, and forgets them. `link` is the present name of the link of that index; "" (but for index 0): gone. */
  | {
      readonly op: "restore-settings";
      readonly link: string;
      readonly index: number;
      readonly keys: readonly string[];
    }
  | {
      readonly op: "set-address";
      readonly index: number;
      readonly family: Family;
      readonly address: string;
      readonly prefixLength: number;
      readonly scope: Scope;
      /** Test addresses: preferred lifetime 0, so that IPv6 never picks them as a source. */
      readonly deprecated: boolean;
      /** False: refuse (EEXIST) to touch one that is there already, also one that the kernel has not told of yet. */
      readonly replace: boolean;
    }
  | {
      readonly op: "remove-address";
      readonly index: number;
      readonly family: Family;
      readonly address: string;
      readonly prefixLength: number;
    }
  /** Device-only (gateway "") or through a gateway of its family (IPv4: onlink). */
  | {
      readonly op: "set-next-hop";
      readonly id: number;
      readonly family: Family;
      readonly index: number;
      readonly gateway: string;
    }
  | { readonly op: "set-next-hop-group"; readonly id: number; readonly group: readonly number[] }
  | { readonly op: "remove-next-hop"; readonly id: number }
  /** `replace` false: refuse (EEXIST) to touch a route that is there already, so that a stranger's is never taken. */
  | { readonly op: "set-route"; readonly route: Route; readonly replace: boolean }
  | { readonly op: "remove-route"; readonly route: Route };

/** What became of one request. `text` is the kernel's extended acknowledgement, or "". */
export type KernelOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly errno: number; readonly code: string; readonly text: string };

/** One gratuitous ARP (IPv4) or unsolicited neighbour advertisement (IPv6) out of one link. */
export interface Announcement {
  readonly index: number;
  /** Link-layer address of that link: sender of the frame and what peers shall learn. */
  readonly hardwareAddress: string;
  readonly family: Family;
  readonly address: string;
}
