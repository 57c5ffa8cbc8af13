/** The picture that tools show: plain data, JSON-ready, in the row order of ipmpstat (newest first). */
import type { DataAddressConfiguration, Family } from "./configuration.ts";
import { carryingMembers, type Group, groupState, isActive, isFunctioning, type Member, nameOf } from "./group.ts";

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

export function takeSnapshot(groups: readonly Group[]): Snapshot {
  const newestFirst = [...groups].reverse();
  return {
    groups: newestFirst.map(groupSnapshot),
    interfaces: newestFirst.flatMap((group) =>
      [...group.members].reverse().map((one) => interfaceSnapshot(group, one)),
    ),
    addresses: newestFirst.flatMap((group) => [...group.configuration.addresses].reverse().map(addressSnapshot(group))),
  };
}

function groupSnapshot(group: Group): GroupSnapshot {
  const members = [...group.members].reverse();
  const names = (chosen: (member: Member) => boolean) => members.filter(chosen).map(nameOf);
  return {
    name: group.configuration.name,
    groupName: group.configuration.name,
    state: groupState(group),
    failureDetectionTimeMs: null,
    active: names(isActive),
    inactive: names((member) => member.inactive),
    unusable: names((member) => !isFunctioning(member)),
  };
}

function interfaceSnapshot(group: Group, member: Member): InterfaceSnapshot {
  return {
    name: nameOf(member),
    index: member.link?.index ?? null,
    group: group.configuration.name,
    active: isActive(member),
    flags: interfaceFlags(group, member),
    link: member.state === "running" ? "up" : "down",
    probe: "disabled",
    state: member.state === "running" ? "ok" : "failed",
  };
}

function interfaceFlags(group: Group, member: Member): InterfaceFlags {
  const nominated = carryingMembers(group)[0] === member;
  const carries = (family: Family) => group.configuration.addresses.some((address) => address.family === family);
  return {
    inactive: member.inactive,
    standby: member.configuration.standby,
    multicast4: nominated && carries(4),
    broadcast4: nominated && carries(4),
    multicast6: nominated && carries(6),
    down: member.link?.adminUp !== true,
    duplicate: false,
  };
}

function addressSnapshot(group: Group): (address: DataAddressConfiguration) => AddressSnapshot {
  const outbound = outboundMembers(group);
  return ({ family, address, prefixLength }) => {
    const inbound = group.hosting.get(address) ?? null;
    return {
      family,
      address,
      prefixLength,
      state: inbound === null ? "down" : "up",
      group: group.configuration.name,
      inbound,
      outbound: inbound === null ? [] : outbound,
    };
  };
}

function outboundMembers(group: Group): string[] {
  const carrying = carryingMembers(group).map(nameOf);
  if (group.configuration.spread === "none") return carrying.slice(0, 1);
  return group.members
    .map(nameOf)
    .filter((name) => carrying.includes(name))
    .reverse();
}
