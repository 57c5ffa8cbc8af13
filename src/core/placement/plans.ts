/**
 * Armed failover plans: the answer to "what if the link of this member goes down now?", worked out in advance by the same
 * rules that the machine applies when it does. The I/O thread carries the plan out the moment it sees the carrier go, before
 * the machine has heard of it; the machine then comes to the same conclusion, and repeating it is harmless.
 */
import type { FailoverPlan } from "../actions.ts";
import { cloneGroup, entrustedMembers, type Group } from "../group.ts";
import type { Anchor } from "../kernel-state/group-interface.ts";
import type { KernelRequest, Link, NextHop } from "../kernel-state/kernel-objects.ts";
import type { NextHopIds } from "../kernel-state/next-hop-ids.ts";
import type { Picture } from "../kernel-state/picture.ts";
import { linksOf, nothingWanted, type Wanted, wantGroup } from "../kernel-state/wanted.ts";
import { activateAnother } from "../members/activity.ts";
import { announcementsOf } from "./announcing.ts";
import { placeGroup } from "./hosting.ts";

/**
 * One plan per link of a member that carries data, and per link below it, whose loss another member can make good. What a card
 * takes along is lost at once: VLANs of one card do not stand in for one another. A bridge that has another port that works is not lost.
 */
export function failoverPlans(group: Group, anchor: Anchor, ids: NextHopIds, picture: Picture): FailoverPlan[] {
  const { stacks } = picture;
  const stackAt = ({ index }: Link) => stacks.stackOf(index);
  return [...new Set(linksOf(entrustedMembers(group)).flatMap(stackAt))].flatMap((index) => {
    const isTaken = (link: Link) => stackAt(link).includes(index) && stacks.isLostWith(link, index);
    const members = linksOf(group.members)
      .filter(isTaken)
      .map((link) => link.index);
    if (members.length === 0) return [];
    const after = withoutLinks(group, members);
    if (entrustedMembers(after).length === 0) return [];
    const wanted = nothingWanted();
    wantGroup(after, anchor, ids, wanted);
    return [{ index, members, announcements: announcementsOf(after), requests: urgent(wanted, picture) }];
  });
}

/** The group as it will be when the members with these links have failed. */
function withoutLinks(group: Group, indexes: readonly number[]): Group {
  const after = cloneGroup(group);
  for (const member of after.members) {
    // Its link is what went: it can not be a last resort either.
    if (member.link !== undefined && indexes.includes(member.link.index))
      Object.assign(member, { state: "failed", inactive: false, link: undefined });
  }
  activateAnother(after, () => Number.MAX_SAFE_INTEGER);
  after.hosting = placeGroup(after);
  return after;
}

/**
 * What repairs the traffic: the primary next-hop groups, and the routes of those that the kernel empties by itself. Everything
 * else, backups and copies above all, is off the critical path and left to the machine: each message costs the next one time.
 */
function urgent(wanted: Wanted, picture: Picture): KernelRequest[] {
  const primaries = wanted.paths.flatMap(({ primary }) => primary ?? []).filter((group) => changes(group, picture));
  const emptied = new Set(primaries.filter((group) => isEmptied(group, picture)).map(({ id }) => id));
  const routes = wanted.paths.flatMap((path) => path.routes).filter((route) => emptied.has(route.nextHopId));
  return [
    ...primaries.map(({ id, group }): KernelRequest => ({ op: "set-next-hop-group", id, group })),
    // Where the route is still there the kernel refuses (EEXIST), which is just as well.
    ...routes.map((route): KernelRequest => ({ op: "set-route", route, replace: false })),
  ];
}

function changes(wanted: NextHop, picture: Picture): boolean {
  return picture.nextHops.get(wanted.id)?.group.join() !== wanted.group.join();
}

/** None of the present members of this group is among those that remain. */
function isEmptied(wanted: NextHop, picture: Picture): boolean {
  const present = picture.nextHops.get(wanted.id)?.group ?? [];
  return present.every((id) => !wanted.group.includes(id));
}
