/** The picture that tools show: plain data, JSON-ready, in the row order of ipmpstat (newest first). */
import type { Family } from "./configuration.ts";
import type { StateReason } from "./memory.ts";

export type GroupState = "ok" | "degraded" | "failed";
export type InterfaceState = "ok" | "failed" | "unknown" | "offline";
export type LinkState = "up" | "down" | "unknown";
export type ProbeState = "ok" | "failed" | "unknown" | "disabled";

export interface GroupSnapshot {
  /** The group's own interface: what the GROUP column shows. Equal to `groupName` in this version. */
  readonly name: string;
  readonly groupName: string;
  readonly state: GroupState;
  /** Failure detection time in force, in ms; null while no member is probed. */
  readonly failureDetectionTimeMs: number | null;
  /** The one that was asked for; the one in force is greater while targets are too slow for it. */
  readonly configuredFailureDetectionTimeMs: number;
  readonly active: readonly string[];
  readonly inactive: readonly string[];
  readonly unusable: readonly string[];
  /** Why it is not ok though its members are, in words. */
  readonly impairments: readonly string[];
  /** Routes of others by which traffic goes past the group, as `ip route` would name them. */
  readonly bypasses: readonly string[];
}

export interface InterfaceFlags {
  readonly inactive: boolean;
  readonly standby: boolean;
  /** Nominated for IPv4 multicast, IPv4 broadcast, IPv6 multicast. */
  readonly multicast4: boolean;
  readonly broadcast4: boolean;
  readonly multicast6: boolean;
  /** Administratively down (or not there at all). */
  readonly down: boolean;
  /** Offline because of a duplicate hardware address. */
  readonly duplicate: boolean;
}

export interface InterfaceSnapshot {
  readonly name: string;
  /** Kernel interface index, or null while the interface does not exist. */
  readonly index: number | null;
  readonly group: string;
  readonly active: boolean;
  readonly flags: InterfaceFlags;
  readonly link: LinkState;
  readonly probe: ProbeState;
  readonly state: InterfaceState;
  readonly reason: StateReason;
  /** When it came into this state (ISO 8601). */
  readonly since: string;
  /** The latest transitions, oldest first. */
  readonly history: readonly TransitionSnapshot[];
  /** Per family that is probed, or has a test address. */
  readonly probes: readonly FamilyProbeSnapshot[];
}

export interface TransitionSnapshot {
  readonly at: string;
  readonly from: InterfaceState;
  readonly to: InterfaceState;
  readonly reason: StateReason;
}

export interface FamilyProbeSnapshot {
  readonly family: Family;
  readonly probe: ProbeState;
  /** Answered, and when last (ISO 8601), or null. */
  readonly answered: number;
  readonly lastAnswer: string | null;
  readonly lost: number;
  /** Not sent, for our own lateness or because the kernel refused: never held against the interface. */
  readonly unsent: number;
  /** Replies that fit no probe: too late, repeated, or not from whom was asked. */
  readonly ambiguous: number;
}

export interface AddressSnapshot {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  /**
   * Up: the host takes what is sent to it, whether or not a member carries it at the moment. Down, too, where the kernel refuses what
   * there has to be of it, or no member that works can carry its family.
   */
  readonly state: "up" | "down";
  readonly group: string;
  /** Member that carries the hosting copy, or null. */
  readonly inbound: string | null;
  /** Members that outbound traffic is spread over, by the routes that the kernel has. */
  readonly outbound: readonly string[];
}

export type TargetMode = "routes" | "multicast" | "transitive" | "disabled";

/** Whom one family of one interface probes: a row of `ipmpstat -t`. */
export interface ProbeTargetsSnapshot {
  readonly interface: string;
  /** Null where neither family is probed. */
  readonly family: Family | null;
  readonly mode: TargetMode;
  readonly testAddress: string | null;
  /** In firing order; those that are not probed at the moment come last. */
  readonly targets: readonly TargetSnapshot[];
}

export type TargetState = "active" | "unused" | "slow" | "dead";

export interface TargetSnapshot {
  readonly address: string;
  /** Where it is known from. */
  readonly kind: "configured" | "host-route" | "router" | "host";
  readonly state: TargetState;
  /** Smoothed round trip and its mean deviation in ms; null before the first answer. */
  readonly meanMs: number | null;
  readonly deviationMs: number | null;
}

export interface Snapshot {
  readonly groups: readonly GroupSnapshot[];
  readonly interfaces: readonly InterfaceSnapshot[];
  readonly addresses: readonly AddressSnapshot[];
  readonly targets: readonly ProbeTargetsSnapshot[];
}
