/** The groups that the machine looks after, with what it remembers of each between steps; and what becomes of them at a reload. */
import type { Configuration, GroupConfiguration } from "./configuration.ts";
import { type Group, type Member, nameOf, newGroup, newMember } from "./group.ts";
import type { Announcement } from "./kernel-state/kernel-objects.ts";
import type { Picture } from "./kernel-state/picture.ts";
import { linksOf } from "./kernel-state/wanted.ts";
import { correctActivity, endReserve } from "./members/activity.ts";
import { holdDown } from "./members/flapping.ts";
import { trustedAt } from "./members/late-ports.ts";
import { memoriesOf, recall, recallOffline } from "./members/remembering.ts";
import type { MembershipContext } from "./members/states.ts";
import { tellGone, ungrouped } from "./members/ungrouped.ts";
import type { Memory } from "./memory.ts";
import { AnnouncementSchedule, announcementsOf } from "./placement/announcing.ts";
import { startRetirement } from "./placement/hosting.ts";
import { probingDeadlines } from "./probing/sources.ts";

/** A group with what the machine remembers of it between steps. */
export interface Managed {
  readonly group: Group;
  readonly schedule: AnnouncementSchedule;
  /** Announce once everything asked for is in place. */
  announceWhenPlaced: boolean;
  /** A member that carried data was lost in this step, or what an earlier daemon served was taken over: peers are told at once. */
  lost: boolean;
  /** Index of the group interface of which it was said that it is not of the usual kind. */
  standInTold: number | undefined;
  /** When the next thing is due by the passing of time alone (monotonic ms). */
  dueAt: number;
}

/** What a reload needs of the machine. */
export interface ReloadContext {
  readonly memory: Memory;
  readonly now: number;
  readonly nextOrder: () => number;
}

/** Groups and members that are in both keep everything that was found out about them. */
export function reload(
  before: readonly Managed[],
  { groups }: Pick<Configuration, "groups">,
  context: ReloadContext,
): Managed[] {
  const known = new Map(before.map((managed) => [managed.group.configuration.name, managed]));
  const memory = { members: [...context.memory.members, ...before.flatMap(({ group }) => memoriesOf(group))] };
  return groups.map((wanted) => {
    const kept = known.get(wanted.name);
    if (kept === undefined) return manage(recalled(newGroup(wanted, context.now), memory));
    const standbys = new Set(kept.group.members.filter(({ configuration }) => configuration.standby));
    reconfigure(kept.group, wanted, { ...context, memory });
    endReserve(kept.group, standbys, context.nextOrder);
    correctActivity(kept.group, context.nextOrder);
    return kept;
  });
}

/** Interfaces in no group come and go with the links that there are. True where others are watched now. */
export function followUngrouped(
  groups: Managed[],
  configuration: Configuration,
  { picture, now, log }: Pick<MembershipContext, "picture" | "now" | "log">,
): boolean {
  const wanted = ungrouped(configuration, picture);
  const present = groups.find(({ group }) => group.anonymous)?.group;
  if (wanted === undefined || JSON.stringify(present?.configuration) === JSON.stringify(wanted)) return false;
  if (present !== undefined) tellGone(present, picture, log);
  if (present === undefined) groups.unshift(manage(newGroup(wanted, now, true)));
  else reconfigure(present, wanted, { memory: { members: [] }, now });
  return true;
}

function manage(group: Group): Managed {
  return {
    group,
    schedule: new AnnouncementSchedule(),
    announceWhenPlaced: true,
    lost: false,
    standInTold: undefined,
    dueAt: 0,
  };
}

/** Takes over what is wanted now; members that stay stay as they are. */
function reconfigure(
  group: Group,
  wanted: GroupConfiguration,
  { memory, now }: Pick<ReloadContext, "memory" | "now">,
): void {
  const known = new Map(group.members.map((member) => [nameOf(member), member]));
  group.configuration = wanted;
  group.detection.configure(wanted.failureDetectionTimeMs, wanted.failureDetectionTimeCapMs);
  group.members = wanted.members.map((configuration): Member => {
    const kept = known.get(configuration.name);
    if (kept === undefined) return recalledMember(group, newMember(configuration, now), memory);
    kept.configuration = configuration;
    if (kept.flaps.heldUntil !== undefined) holdDown(kept.flaps, wanted.flapLimit);
    return kept;
  });
}

function recalled(group: Group, memory: Memory): Group {
  for (const member of group.members) recalledMember(group, member, memory);
  return group;
}

/** In another group it is judged anew; but who took it out of service did so whatever its group. */
function recalledMember(group: Group, member: Member, { members }: Memory): Member {
  const memories = members.filter((one) => one.interface === nameOf(member));
  const own = memories.find((one) => one.group === group.configuration.name);
  const elsewhere = memories.find(({ offline }) => offline);
  if (own !== undefined) recall(group, member, own);
  else if (elsewhere !== undefined) recallOffline(member, elsewhere);
  return member;
}

/** Peers may have heard what is not so any more: they are told anew, once all is in place. */
export function announceAnew(groups: readonly Managed[]): void {
  for (const managed of groups) managed.announceWhenPlaced = true;
}

/** What peers are told of each address as soon as it is in place, before the rest is. What was lost they have been told of already. */
export function announcedOnceThere({ group, announceWhenPlaced, lost }: Managed): Announcement[] {
  return announceWhenPlaced && !lost ? announcementsOf(group) : [];
}

/** All is in place: what peers have to be told anew is told from now on. True where there is something to tell. */
export function startAnnouncing(managed: Managed, now: number): boolean {
  if (!managed.announceWhenPlaced) return false;
  managed.announceWhenPlaced = false;
  managed.schedule.restart(now);
  startRetirement(managed.group, now);
  return true;
}

/** Whose the links of these names are: those of members, and group interfaces. */
export function ownersByName(groups: readonly Managed[]): Map<string, Managed> {
  const named = groups.flatMap((managed) => {
    const { configuration, members } = managed.group;
    return [configuration.name, ...members.map(nameOf)].map((name) => [name, managed] as const);
  });
  return new Map(named);
}

/** A member with the group that it is in. */
export interface Placed {
  readonly managed: Managed;
  readonly member: Member;
}

/** Whose link has this index. */
export function membersByIndex(groups: readonly Managed[]): ReadonlyMap<number, Placed> {
  const placed = groups.flatMap((managed) => managed.group.members.map((member) => ({ managed, member })));
  return new Map(
    placed.flatMap((one) => (one.member.link === undefined ? [] : [[one.member.link.index, one] as const])),
  );
}

/**
 * Those of members, and what they stand on. Of the anonymous group nothing is watched: it is only reported, and the kernel's own
 * notices are soon enough for that.
 */
export function watchedLinks({ anonymous, members }: Group, { stacks }: Picture): number[] {
  return anonymous ? [] : linksOf(members).flatMap(({ index }) => stacks.stackOf(index));
}

/** Links whose settings are read with the rest, be they there or not: of the anonymous group nothing is wanted. */
export function settingsReadOf(groups: readonly Managed[]): string[] {
  return groups.flatMap(({ group }) => {
    const { name, groupInterface } = group.configuration;
    return group.anonymous ? [] : [...group.members.map(nameOf), ...(groupInterface ? [name] : [])];
  });
}

/** When the next thing is due in this group by the passing of time alone (monotonic ms); what was due by `now` has been done. */
export function nextDueAt({ group, schedule }: Managed, now: number, probing: boolean): number {
  const holdDowns = group.members.map(({ flaps }) => flaps.heldUntil);
  const waits = group.members.map((member) => trustedAt(group, member));
  const later = [group.opinionUntil, ...holdDowns, ...waits].filter(
    (deadline) => deadline !== undefined && deadline > now,
  );
  const deadlines = [
    ...later,
    schedule.nextAt,
    ...(probing ? probingDeadlines(group) : []),
    ...[...group.retiring.values()].map((copy) => copy.until),
    ...group.members.flatMap(({ settlingUntil, linkLocalDueAt, startingUntil, barred }) => [
      settlingUntil,
      linkLocalDueAt,
      startingUntil,
      ...barred.values(),
    ]),
  ];
  return Math.min(...deadlines.filter((deadline) => deadline !== undefined));
}
