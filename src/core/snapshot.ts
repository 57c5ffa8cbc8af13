/** The picture that tools show: plain data, JSON-ready, in the row order of ipmpstat (newest first). */
import type { Family } from "./configuration.ts";

export type GroupState = "ok" | "degraded" | "failed";
export type InterfaceState = "ok" | "failed" | "unknown" | "offline";
export type LinkState = "up" | "down" | "unknown";
export type ProbeState = "ok" | "failed" | "unknown" | "disabled";

export interface GroupSnapshot {
  /** The group's own interface: what the GROUP column shows. Equal to `groupName` in this version. */
  readonly name: string;
  readonly groupName: string;
  readonly state: GroupState;
  /** Failure detection time in ms; null while no member is probed. */
  readonly failureDetectionTimeMs: number | null;
  readonly active: readonly string[];
  readonly inactive: readonly string[];
  readonly unusable: readonly string[];
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
}

export interface AddressSnapshot {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  readonly state: "up" | "down";
  readonly group: string;
  /** Member that carries the hosting copy, or null. */
  readonly inbound: string | null;
  /** Members that outbound traffic is spread over. */
  readonly outbound: readonly string[];
}

export interface Snapshot {
  readonly groups: readonly GroupSnapshot[];
  readonly interfaces: readonly InterfaceSnapshot[];
  readonly addresses: readonly AddressSnapshot[];
}
