/**
 * The shape of a validated configuration. `src/config` makes it from a file; the machine takes it as a fact.
 * Every text address here is canonical (RFC 5952 for IPv6, dotted quad for IPv4).
 */

/** 4 or 6. */
export type Family = 4 | 6;

/** An address with its subnet, worked out once by `src/config` so that the machine needs no address arithmetic. */
export interface AddressPrefix {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  /** The subnet in canonical text: 192.0.2.0/24 for 192.0.2.10 with prefix length 24. */
  readonly subnet: string;
  /** Directed broadcast address of an IPv4 subnet of /30 or larger, else "". */
  readonly broadcast: string;
}

export interface DataAddressConfiguration extends AddressPrefix {
  /** The member this address goes home to after a repair, failback permitting. */
  readonly prefer?: string;
}

export interface MemberConfiguration {
  /** Name of the underlying interface, 1..15 bytes. */
  readonly name: string;
  /** Held in reserve: carries data only when a member that should be active can not. */
  readonly standby: boolean;
  readonly testAddresses: readonly AddressPrefix[];
}

export interface RouteConfiguration {
  readonly family: Family;
  /** Destination prefix in canonical text; the default route is 0.0.0.0/0 or ::/0. */
  readonly to: string;
  /** Gateway address, of the same family. */
  readonly via: string;
  /** Route metric; 0 means the default of the family. */
  readonly metric: number;
  /** Preferred source: the first data address of the group on the gateway's subnet (link-local gateway: of the family). */
  readonly source: string;
}

/** Link-ups (and repairs by probes) that are believed at once within a window; later ones are held down first. */
export interface FlapLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** Does a member fail by probes when all families that can be probed are dead (as in Solaris), or when one is? */
export type FailOn = "all-families" | "any-family";

export interface TargetConfiguration {
  readonly family: Family;
  readonly address: string;
}

/** Outbound hash: per destination, per flow, or everything through one member. */
export type Spread = "l3" | "l4" | "none";

export interface GroupConfiguration {
  /** 1..15 bytes where the group has an interface of its own, else up to 31. */
  readonly name: string;
  /** True: the device `name` holds the data addresses. False: they live on the members only. */
  readonly groupInterface: boolean;
  /** False: a repaired member stays inactive until it is needed. */
  readonly failback: boolean;
  readonly members: readonly MemberConfiguration[];
  readonly addresses: readonly DataAddressConfiguration[];
  readonly routes: readonly RouteConfiguration[];
  readonly spread: Spread;
  /** Failure detection time in ms, as asked for. The machine raises it where the targets are too slow for it. */
  readonly failureDetectionTimeMs: number;
  /** It is never raised above this (ms). */
  readonly failureDetectionTimeCapMs: number;
  readonly failOn: FailOn;
  /** Undefined: every repair is believed at once. */
  readonly flapLimit: FlapLimit | undefined;
  /** For so long after its link has come up a member carries nothing while another one can (ms): see `members/late-ports.ts`. */
  readonly linkUpDelayMs: number;
  /** Members without a test address are probed all the same: from data addresses, by ARP, from link-local addresses. */
  readonly transitiveProbing: boolean;
  /** Explicit probe targets, before routers and hosts. */
  readonly targets: readonly TargetConfiguration[];
}

export interface Configuration {
  /** Watch and report interfaces that are in no group, too. Nothing is ever done to them. */
  readonly trackUngrouped: boolean;
  readonly groups: readonly GroupConfiguration[];
}
