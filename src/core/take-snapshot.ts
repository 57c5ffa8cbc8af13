/** The picture of the groups as they are now. */
import type { DataAddressConfiguration, Family } from "./configuration.ts";
import { carryingMembers, type Group, groupState, isActive, isFunctioning, type Member, nameOf } from "./group.ts";
import { addressKey, type Picture } from "./kernel-state/picture.ts";
import type { AddressSnapshot, GroupSnapshot, InterfaceFlags, InterfaceSnapshot, Snapshot } from "./snapshot.ts";

export function takeSnapshot(groups: readonly Group[], picture: Picture): Snapshot {
  const newestFirst = [...groups].reverse();
  return {
    groups: newestFirst.map(groupSnapshot),
    interfaces: newestFirst.flatMap((group) =>
      [...group.members].reverse().map((one) => interfaceSnapshot(group, one)),
    ),
    addresses: newestFirst.flatMap((group) =>
      [...group.configuration.addresses].reverse().map(addressSnapshot(group, picture)),
    ),
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

function addressSnapshot(group: Group, picture: Picture): (address: DataAddressConfiguration) => AddressSnapshot {
  const outbound = outboundMembers(group);
  const links = new Map(group.members.map((member) => [nameOf(member), member.link]));
  return ({ family, address, prefixLength }) => {
    const host = group.hosting.get(address);
    // Not what should be: what is.
    const key = addressKey(links.get(host ?? "")?.index ?? 0, address, family === 4 ? 32 : 128);
    const inbound = host !== undefined && picture.addresses.has(key) ? host : null;
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
