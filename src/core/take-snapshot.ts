/** The picture of the groups as they are now. */
import type { DataAddressConfiguration, Family } from "./configuration.ts";
import { carryingMembers, type Group, groupState, isActive, isFunctioning, type Member, nameOf } from "./group.ts";
import { addressKey, type Picture } from "./kernel-state/picture.ts";
import { isAbsent, isOffline, type MemberState } from "./members/interface-state.ts";
import { familyProbes, isGroupProbed, memberProbeState, probeTargets } from "./probing/snapshot.ts";
import type {
  AddressSnapshot,
  GroupSnapshot,
  InterfaceFlags,
  InterfaceSnapshot,
  InterfaceState,
  LinkState,
  Snapshot,
} from "./snapshot.ts";

/** Makes a text for people of monotonic ms. */
export type TimeOf = (monotonicMs: number) => string;

export function takeSnapshot(groups: readonly Group[], picture: Picture, timeOf: TimeOf): Snapshot {
  // Where no interface is without a group there is nothing to show of them.
  const newestFirst = groups.filter(({ anonymous, members }) => !anonymous || members.length > 0).reverse();
  const members = newestFirst.flatMap((group) => [...group.members].reverse().map((member) => ({ group, member })));
  return {
    groups: newestFirst.map(groupSnapshot),
    interfaces: members.map(({ group, member }) => interfaceSnapshot(group, member, timeOf)),
    addresses: newestFirst.flatMap((group) =>
      [...group.configuration.addresses].reverse().map(addressSnapshot(group, picture)),
    ),
    targets: members.flatMap(({ group, member }) => probeTargets(group, member)),
  };
}

function groupSnapshot(group: Group): GroupSnapshot {
  const members = [...group.members].reverse();
  const names = (chosen: (member: Member) => boolean) => members.filter(chosen).map(nameOf);
  const { configuredMs, effectiveMs } = group.detection;
  return {
    name: group.configuration.name,
    groupName: group.configuration.name,
    state: groupState(group),
    failureDetectionTimeMs: isGroupProbed(group) ? effectiveMs : null,
    configuredFailureDetectionTimeMs: configuredMs,
    active: names(isActive),
    inactive: names((member) => member.inactive),
    unusable: names((member) => !isFunctioning(member)),
    bypasses: [...group.bypasses],
  };
}

/** The words of ipmpstat. A member without a link is failed, so that nobody overlooks it. */
const SHOWN: Readonly<Record<MemberState, InterfaceState>> = {
  absent: "failed",
  starting: "unknown",
  running: "ok",
  "no-targets": "unknown",
  failed: "failed",
  "failed-no-targets": "failed",
  offline: "offline",
  "offline-failed": "offline",
  "offline-absent": "offline",
};

function interfaceSnapshot(group: Group, member: Member, timeOf: TimeOf): InterfaceSnapshot {
  return {
    name: nameOf(member),
    index: member.link?.index ?? null,
    group: group.configuration.name,
    active: isActive(member),
    flags: interfaceFlags(group, member),
    link: linkState(member),
    probe: memberProbeState(group, member),
    state: SHOWN[member.state],
    reason: member.reason,
    since: timeOf(member.since),
    history: member.history.map(({ at, from, to, reason }) => ({
      at: timeOf(at),
      from: from === "absent" ? "unknown" : SHOWN[from],
      to: SHOWN[to],
      reason,
    })),
    probes: familyProbes(member, timeOf),
  };
}

function linkState({ state, link, linkUp }: Member): LinkState {
  if (isAbsent(state) || !linkUp) return "down";
  return link?.carrierReported === false ? "unknown" : "up";
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
    // Out of service it has no address of ours left.
    down: member.link?.adminUp !== true || isOffline(member.state),
    duplicate: member.reason === "duplicate-hardware-address",
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
      state: picture.isLocal(address) ? "up" : "down",
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
