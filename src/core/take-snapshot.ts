/** The picture of the groups as they are now. */
import type { DataAddressConfiguration, Family } from "./configuration.ts";
import {
  carrierOf,
  carryingMembers,
  type Group,
  isActive,
  isFunctioning,
  type Member,
  nameOf,
  shownState,
} from "./group.ts";
import { BACKUP_METRIC_STEP, configuredRoutes } from "./kernel-state/group-routes.ts";
import type { Route } from "./kernel-state/kernel-objects.ts";
import { type Picture, routeKey } from "./kernel-state/picture.ts";
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
    state: shownState(group),
    failureDetectionTimeMs: isGroupProbed(group) ? effectiveMs : null,
    configuredFailureDetectionTimeMs: configuredMs,
    active: names(isActive),
    inactive: names((member) => member.inactive),
    unusable: names((member) => !isFunctioning(member)),
    impairments: group.impairments.reasons,
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
  const isNominated = (family: Family) =>
    group.configuration.addresses.some((address) => address.family === family) &&
    carryingMembers(group, family)[0] === member;
  return {
    inactive: member.inactive,
    standby: member.configuration.standby,
    multicast4: isNominated(4),
    broadcast4: isNominated(4),
    multicast6: isNominated(6),
    // Out of service it has no address of ours left.
    down: member.link?.adminUp !== true || isOffline(member.state),
    duplicate: member.reason === "duplicate-hardware-address",
  };
}

/** Not what should be: what is. */
function addressSnapshot(group: Group, picture: Picture): (address: DataAddressConfiguration) => AddressSnapshot {
  const ways = configuredRoutes(group);
  return (configured) => {
    const { family, address, prefixLength } = configured;
    const carrier = carrierOf(group, address, picture);
    const inbound = carrier === undefined ? null : nameOf(carrier);
    const isRefused = inbound === null && group.impairments.refused.has(address);
    // Where nobody functions there is nobody to carry it, and yet it is there.
    const isUncarried = !group.hosting.has(address) && group.members.some(isFunctioning);
    const isDown = isUncarried || isRefused || !picture.isLocal(address);
    return {
      family,
      address,
      prefixLength,
      state: isDown ? "down" : "up",
      group: group.configuration.name,
      inbound,
      outbound: inbound === null ? [] : outboundMembers(group, ways, configured, picture),
    };
  };
}

/** By the best route that there is to its subnet, or else to a router. An address without any route leaves nowhere. */
function outboundMembers(
  group: Group,
  ways: readonly Route[],
  { family, subnet }: DataAddressConfiguration,
  picture: Picture,
): string[] {
  const ofFamily = ways.filter((route) => route.family === family);
  const wanted = [...ofFamily.filter(({ destination }) => destination === subnet), ...ofFamily];
  const backups = wanted.map((route) => ({ ...route, metric: route.metric + BACKUP_METRIC_STEP }));
  const [best] = [...wanted, ...backups].flatMap((route) => picture.routes.get(routeKey(route)) ?? []);
  const used = best === undefined ? [] : picture.linksThrough(best.nextHopId);
  const names = group.members.filter(({ link }) => link !== undefined && used.includes(link.index)).map(nameOf);
  return names.reverse();
}
