/**
 * Brings the members of a group in line with the links that the kernel has, one transition of the table at a time, and says
 * what happened in the words of Solaris.
 */

import { type Group, isActive, isFunctioning, type Member, nameOf } from "../group.ts";
import type { KernelNotice, Link } from "../kernel-state/kernel-objects.ts";
import type { Picture } from "../kernel-state/picture.ts";
import { MEMBER_SETTINGS } from "../kernel-state/settings.ts";
import type { Message } from "../messages.ts";
import { activateAnother, settleArrival } from "./activity.ts";
import { type MemberEvent, transition } from "./interface-state.ts";

/** A link-local address is new, and in duplicate address detection for 0.5 to 1.5 s, after the link was administratively up. */
const SETTLING_LIMIT_MS = 2_000;

/** A link changed between up and down, in the order in which the kernel reported it. */
export interface LinkChange {
  readonly index: number;
  readonly up: boolean;
}

/** Can it carry addresses of its own? A link that belongs to a bridge or bond can not, whatever its carrier. */
export function isUp(link: Link): boolean {
  return link.adminUp && link.carrier && link.master === 0;
}

/** After such a notice other things may be gone, which the kernel does not tell. */
export function isLoss(notice: KernelNotice): boolean {
  if (notice.kind === "link") return !isUp(notice.link);
  if (notice.kind === "carrier") return !notice.carrier;
  return notice.kind.endsWith("-removed");
}

/** What membership needs of the machine. */
export interface MembershipContext {
  readonly picture: Picture;
  readonly now: number;
  readonly nextOrder: () => number;
  readonly log: (message: Message) => void;
  /** A member that carried data is lost: announcing what it hosted can not wait. */
  readonly lost: (group: Group) => void;
}

/** Replays `changes`, so that a bounce is seen as such, and then takes the picture as it is. */
export function updateMembers(group: Group, changes: readonly LinkChange[], context: MembershipContext): void {
  const links = group.members.map((member) => context.picture.linkNamed(nameOf(member)));
  group.members.forEach((member, at) => {
    if (member.link !== undefined && member.link.index !== links[at]?.index) remove(group, member, context);
  });
  group.members.forEach((member, at) => {
    member.link = links[at];
  });
  for (const { index, up } of changes) {
    const member = group.members.find((one) => one.link?.index === index);
    if (member !== undefined) followLink(group, member, up, context);
  }
  for (const member of group.members) if (member.link !== undefined) insert(group, member, member.link, context);
  for (const member of group.members) {
    if (member.link === undefined) continue;
    followLink(group, member, isUp(member.link), context);
    if (member.link.adminUp) member.toBeRaised = false;
  }
}

function followLink(group: Group, member: Member, up: boolean, context: MembershipContext): void {
  if (up) repair(group, member, context);
  else fail(group, member, context);
}

function take(member: Member, event: MemberEvent): boolean {
  const next = transition(member.state, event);
  if (next === undefined) return false;
  member.state = next;
  return true;
}

function insert(group: Group, member: Member, link: Link, context: MembershipContext): void {
  if (!take(member, "appeared")) return;
  member.toBeRaised = !link.adminUp && !isPrepared(link, context.picture);
  beginSettling(group, member, context);
  settleArrival(group, member, "new", context.nextOrder);
}

/** Does the link carry our settings already, from before a restart? */
function isPrepared(link: Link, picture: Picture): boolean {
  return MEMBER_SETTINGS.every(({ key, value }) => picture.settings.get(`${link.name}/${key}`) === value);
}

function remove(group: Group, member: Member, context: MembershipContext): void {
  const wasActive = isActive(member);
  if (!take(member, "disappeared")) return;
  context.log({ id: "interface-removed", interface: nameOf(member), group: group.configuration.name });
  lose(group, member, wasActive, context);
  member.link = undefined;
  member.linkLocal = "";
}

function fail(group: Group, member: Member, context: MembershipContext): void {
  const wasActive = isActive(member);
  if (!take(member, "link-down")) return;
  const name = nameOf(member);
  const master = member.link?.master ?? 0;
  if (master === 0) context.log({ id: "link-down", interface: name });
  else {
    const masterName = context.picture.links.get(master)?.name ?? `link ${master}`;
    context.log({ id: "interface-enslaved", interface: name, group: group.configuration.name, master: masterName });
  }
  if (othersWork(group, member)) {
    context.log({ id: "interface-failed", interface: name, group: group.configuration.name });
  }
  lose(group, member, wasActive, context);
}

/** With nobody else working it is the group that failed, and only the group's line is due. */
function othersWork(group: Group, member: Member): boolean {
  return group.members.some(
    (other) => other !== member && isFunctioning(other) && other.link !== undefined && isUp(other.link),
  );
}

function repair(group: Group, member: Member, context: MembershipContext): void {
  if (!take(member, "link-up")) return;
  const name = nameOf(member);
  context.log({ id: "link-up", interface: name });
  context.log({ id: "interface-repaired", interface: name, group: group.configuration.name });
  beginSettling(group, member, context);
  settleArrival(group, member, "repaired", context.nextOrder);
}

function beginSettling(group: Group, member: Member, context: MembershipContext): void {
  member.linkLocal = context.picture.linkLocalOfOurs(member.link?.index ?? 0);
  member.lackingSince = undefined;
  member.settlingUntil = carriesIpv6(group) ? context.now + SETTLING_LIMIT_MS : undefined;
}

function carriesIpv6(group: Group): boolean {
  return group.configuration.addresses.some((address) => address.family === 6);
}

function lose(group: Group, member: Member, wasActive: boolean, context: MembershipContext): void {
  member.inactive = false;
  member.settlingUntil = undefined;
  member.lackingSince = undefined;
  if (!wasActive) return;
  activateAnother(group, context.nextOrder);
  context.lost(group);
}

/** The group's own lines: entering failed always has one, leaving it only where entering had, so that a start is silent. */
export function reportGroupState(group: Group, log: (message: Message) => void): void {
  const name = group.configuration.name;
  const usable = group.members.find(isFunctioning);
  if (usable === undefined && !group.failureLogged) log({ id: "group-failed", group: name });
  if (usable !== undefined && group.failureLogged) log({ id: "group-usable", group: name, interface: nameOf(usable) });
  group.failureLogged = usable === undefined;
}

/** The one that the kernel would have made (RFC 4291, appendix A), or "" for what is no Ethernet address. */
function linkLocalOf(hardwareAddress: string): string {
  const octets = hardwareAddress.split(":").map((octet) => Number.parseInt(octet, 16));
  const [first, second, third, ...rest] = octets;
  if (octets.length !== 6 || first === undefined || second === undefined || third === undefined) return "";
  const identifier = [first ^ 2, second, third, 0xff, 0xfe, ...rest];
  const words = [0, 2, 4, 6].map((at) => (((identifier[at] ?? 0) << 8) | (identifier[at + 1] ?? 0)).toString(16));
  // Canonical: the zeros at the beginning belong to the `::`.
  return `fe80::${words.slice(words.findIndex((word) => word !== "0")).join(":")}`;
}

/** Sees to it that a functioning member has a link-local address: without one it settles, and after a while gets one from us. */
export function watchLinkLocals(group: Group, picture: Picture, now: number): void {
  const needed = carriesIpv6(group);
  for (const member of group.members) {
    if (!needed) Object.assign(member, { lackingSince: undefined, linkLocal: "" });
    if (!needed || member.link === undefined || !isFunctioning(member)) continue;
    if (picture.hasUsableLinkLocal(member.link.index)) {
      member.lackingSince = undefined;
      member.settlingUntil = undefined;
    } else if (member.lackingSince === undefined) {
      member.lackingSince = now;
      member.settlingUntil = now + SETTLING_LIMIT_MS;
    } else if (now >= member.lackingSince + SETTLING_LIMIT_MS && member.linkLocal === "") {
      // The kernel makes none for a link whose addresses were flushed, or whose owner wanted none.
      member.linkLocal = linkLocalOf(member.link.hardwareAddress);
      if (member.linkLocal === "") member.lackingSince = Number.POSITIVE_INFINITY;
    }
  }
}

/** When the next member is to be given a link-local address, if one is. */
export function linkLocalDeadlines(group: Group): number[] {
  return group.members.flatMap(({ lackingSince, linkLocal }) =>
    lackingSince === undefined || linkLocal !== "" ? [] : [lackingSince + SETTLING_LIMIT_MS],
  );
}

/**
 * Ends the settling of members whose time is up; and of all that are active while none of them has settled: data has been
 * entrusted to them, and is not to be moved about as one after the other gets ready.
 */
export function endSettling(group: Group, now: number): void {
  for (const member of group.members) {
    if (member.settlingUntil !== undefined && member.settlingUntil <= now) member.settlingUntil = undefined;
  }
  const active = group.members.filter(isActive);
  if (active.some((member) => member.settlingUntil === undefined)) return;
  for (const member of active) member.settlingUntil = undefined;
}
