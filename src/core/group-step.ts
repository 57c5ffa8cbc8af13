/** What one step does to one group: the rules, in the order in which each relies on those before it. */
import type { Family } from "./configuration.ts";
import { carryingMembers, type Group, nameOf } from "./group.ts";
import { assertInvariants } from "./invariants.ts";
import { adoptedHosting, carriedBefore, nominatedBefore } from "./kernel-state/adoption.ts";
import { findBypasses } from "./kernel-state/bypasses.ts";
import { groupInterface, standIn } from "./kernel-state/group-interface.ts";
import type { Announcement } from "./kernel-state/kernel-objects.ts";
import { findOutweighed } from "./kernel-state/outweighed.ts";
import type { Managed } from "./managing.ts";
import { adoptActivity, parkSurplusStandbys, updateRefilling } from "./members/activity.ts";
import { tellArp } from "./members/arp.ts";
import { adoptFailure, reportGroupState } from "./members/group-state.ts";
import { separateTwins } from "./members/hardware-addresses.ts";
import { checkHomogeneity } from "./members/homogeneity.ts";
import { judgeProbes } from "./members/judging.ts";
import { endSettling, watchLinkLocals } from "./members/link-locals.ts";
import type { LinkChange } from "./members/links.ts";
import { updateMembers } from "./members/membership.ts";
import { reportMissing } from "./members/missing.ts";
import { compareMtus } from "./members/mtu.ts";
import type { MembershipContext } from "./members/states.ts";
import { announcementsOf } from "./placement/announcing.ts";
import { endBarring } from "./placement/barring.ts";
import { endRetirement, rehost } from "./placement/hosting.ts";
import { findNeighbours } from "./probing/port-proof.ts";
import { updateProbing } from "./probing/sources.ts";
import { followAddresses } from "./probing/transitive.ts";

export interface GroupStep extends Omit<MembershipContext, "lost"> {
  /** At once: before anything is asked of the kernel. */
  readonly announce: (announcements: readonly Announcement[]) => void;
  /** The ups and downs of links in the event, in order. */
  readonly changes: readonly LinkChange[];
  /** The first picture of the kernel: take over what an earlier daemon left. */
  readonly adopting: boolean;
  /** A configuration has come in. */
  readonly configured: boolean;
  /** The picture has been read anew. */
  readonly scanned: boolean;
  /** Have it read anew soon. */
  readonly rescan: () => void;
  /** There is a prober; without one only links are judged. */
  readonly probing: boolean;
}

/** Brings the group in line with the picture. Returns whether anything that is wanted in the kernel may have changed by it. */
export function updateGroup(managed: Managed, step: GroupStep): boolean {
  const { group } = managed;
  const { now, picture, log } = step;
  const before = describePlacement(group);
  const known = new Set(group.members.map(({ addressedAs }) => addressedAs));
  updateMembers(group, step.changes, contextOf(managed, step));
  if (!step.adopting && hasJoined(group, known)) announceAgain(managed, step);
  if (step.adopting) adopt(managed, step);
  reportStandIn(managed, step);
  endBarring(group, now);
  compareMtus(group, log);
  tellArp(group, log);
  if (step.scanned) {
    checkHomogeneity(group, log);
    findOutweighed(group, picture, log);
  }
  if (step.probing) {
    updateProbing(group, step);
    findNeighbours(group, step);
  }
  findBypasses(group, picture, log);
  const changed = settle(managed, step, before);
  if (step.configured) reportMissing(group, log);
  return changed;
}

/** The same where nothing but probes has brought news. */
export function judgeGroup(managed: Managed, step: GroupStep): boolean {
  return settle(managed, step, describePlacement(managed.group));
}

/** Verdicts, who is active, and who hosts what. */
function settle(managed: Managed, step: GroupStep, before: string): boolean {
  const { group } = managed;
  const { now, log } = step;
  judgeProbes(group, contextOf(managed, step));
  // Who has failed by its probes is heard no more.
  separateTwins(group, contextOf(managed, step));
  watchLinkLocals(group, step);
  endSettling(group, now);
  parkSurplusStandbys(group);
  updateRefilling(group);
  reportGroupState(group, step);
  // What a member carried that has left the group by a reload can not wait either.
  if (hostsElsewhere(group)) managed.lost = true;
  const moved = rehost(group, log);
  const carried = describePlacement(group);
  endRetirement(group, now);
  followAddresses(group, step);
  assertInvariants(group);
  if (!moved && !managed.lost && carried === before) return false;
  managed.announceWhenPlaced = true;
  return true;
}

/** Is there a link that was not there before, or not with this hardware address? */
function hasJoined({ members }: Group, known: ReadonlySet<number>): boolean {
  return members.some(({ link, addressedAs }) => link !== undefined && !known.has(addressedAs));
}

/**
 * A card in no group answers for all addresses of its host, so peers may have learnt it for data addresses. As a member it
 * takes their traffic no more: they are told anew before, and when that is in place. Nobody else tells them of a new hardware
 * address either.
 */
function announceAgain(managed: Managed, { announce }: GroupStep): void {
  announce(announcementsOf(managed.group));
  managed.announceWhenPlaced = true;
}

function hostsElsewhere({ hosting, members }: Group): boolean {
  const names = new Set(members.map(nameOf));
  return [...hosting.values()].some((name) => !names.has(name));
}

function describePlacement(group: Group): string {
  const names = (family: Family) => carryingMembers(group, family).map(nameOf).join();
  return `${names(4)} ${names(6)}`;
}

function contextOf(managed: Managed, step: GroupStep): MembershipContext {
  return {
    ...step,
    lost: () => {
      managed.lost = true;
    },
  };
}

function adopt(managed: Managed, { picture }: GroupStep): void {
  const { group } = managed;
  const hosting = adoptedHosting(group, picture);
  // Longest active of all, so that it stays nominated.
  const nominated = nominatedBefore(group, picture);
  for (const member of group.members) if (nameOf(member) === nominated) member.activatedAs = 0;
  adoptActivity(group, carriedBefore(group, hosting, picture));
  adoptFailure(group);
  group.hosting = hosting;
  // The earlier daemon may have died before it told the peers: what it served can not wait until the rest is in place.
  if (hosting.size > 0) managed.lost = true;
}

function reportStandIn(managed: Managed, { picture, log }: GroupStep): void {
  const link = groupInterface(managed.group, picture);
  if (link === undefined || standIn(link) === "" || managed.standInTold === link.index) return;
  managed.standInTold = link.index;
  log({ id: "stand-in", interface: link.name, kind: link.kind });
}
