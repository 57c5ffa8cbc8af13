/**
 * Brings the members of a group in line with the links that the kernel has, and says what happened in the words of Solaris.
 */
import { familiesOf, type Group, hasLinkUp, type Member, nameOf } from "../group.ts";
import type { KernelNotice, Link } from "../kernel-state/kernel-objects.ts";
import type { Picture } from "../kernel-state/picture.ts";
import { LASTING_MEMBER_SETTINGS } from "../kernel-state/settings.ts";
import { forgetProbes } from "../probing/effects.ts";
import { noteLacks } from "./families.ts";
import { noteUp } from "./flapping.ts";
import { separateTwins } from "./hardware-addresses.ts";
import { functions, isAbsent } from "./interface-state.ts";
import { failByLink, tryRepair } from "./judging.ts";
import { holdNewcomer } from "./late-ports.ts";
import { isUp, type LinkChange } from "./links.ts";
import { restoreFailure, upSinceFound } from "./remembering.ts";
import { type MembershipContext, move, TEST_ADDRESS_GRACE_MS } from "./states.ts";

/**
 * A link that we have set up has so long to find its carrier: the fastest cards take milliseconds, one on copper three seconds and
 * more to come to terms with its switch.
 */
const START_LIMIT_MS = 5_000;

/** Replays `changes`, so that a bounce is seen as such, and then takes the picture as it is. */
export function updateMembers(group: Group, changes: readonly LinkChange[], context: MembershipContext): void {
  const links = group.members.map((member) => context.picture.linkNamed(nameOf(member)));
  group.members.forEach((member, at) => {
    if (member.link !== undefined && member.link.index !== links[at]?.index) remove(group, member, context);
  });
  group.members.forEach((member, at) => {
    takeLink(member, links[at], context);
  });
  noteLacks(group, context.picture);
  for (const { index, up } of changes) {
    const member = group.members.find((one) => one.link?.index === index);
    if (member !== undefined) followLink(group, member, up, context);
  }
  for (const member of group.members) if (member.link !== undefined) insert(group, member, member.link, context);
  separateTwins(group, context);
  for (const member of group.members) {
    if (member.link === undefined) continue;
    followLink(group, member, isUp(member.link), context);
    if (member.link.adminUp) member.toBeRaised = false;
  }
}

/** What a notice that is in the picture already says of the link that it tells of, and of those that stand on that. */
export function linkChanges(notice: KernelNotice, picture: Picture): LinkChange[] {
  if (notice.kind !== "link" && notice.kind !== "carrier") return [];
  const index = notice.kind === "link" ? notice.link.index : notice.index;
  const all = [index, ...picture.stacks.standingOn(index)];
  return all.map((one) => ({ index: one, up: hasLinkUp({ link: picture.links.get(one) }) }));
}

function takeLink(member: Member, link: Link | undefined, { nextOrder }: MembershipContext): void {
  const known = member.link;
  const sameAddress = known?.index === link?.index && known?.hardwareAddress === link?.hardwareAddress;
  if (!sameAddress) member.addressedAs = nextOrder();
  member.link = link;
}

function insert(group: Group, member: Member, link: Link, context: MembershipContext): void {
  if (!isAbsent(member.state)) return;
  const { now, picture } = context;
  const { absenceTold, remembered } = member;
  member.upSince = hasLinkUp(member) ? upSinceFound(member, link, now) : undefined;
  if (absenceTold)
    context.log({ id: "interface-appeared", interface: nameOf(member), group: group.configuration.name });
  member.absenceTold = false;
  member.toBeRaised = !group.anonymous && !link.adminUp && !isPrepared(link, picture);
  member.graceUntil = now + TEST_ADDRESS_GRACE_MS;
  if (remembered !== undefined) restoreFailure(member, remembered, hasLinkUp(member));
  else appear(group, member, context);
  member.remembered = undefined;
}

function appear(group: Group, member: Member, context: MembershipContext): void {
  member.linkUp = !member.toBeRaised;
  member.startingUntil = member.toBeRaised ? context.now + START_LIMIT_MS : undefined;
  if (holdNewcomer(group, member, context)) return;
  move(group, member, member.toBeRaised ? "found-down" : "appeared", "new", context, "new");
}

/** Does the link carry our settings already, from before a restart? */
function isPrepared(link: Link, picture: Picture): boolean {
  return LASTING_MEMBER_SETTINGS.every(({ key, value }) => picture.settings.get(`${link.name}/${key}`) === value);
}

function remove(group: Group, member: Member, context: MembershipContext): void {
  const names = { interface: nameOf(member), group: group.configuration.name };
  for (const family of familiesOf(group)) context.log({ id: "interface-removed", ...names, family });
  member.absenceTold = true;
  move(group, member, "disappeared", "absent", context);
  forgetProbes(member, context.now);
  member.link = undefined;
  member.linkLocal = "";
  member.barred.clear();
  member.refused.clear();
  member.upSince = undefined;
  member.graceUntil = undefined;
  member.startingUntil = undefined;
}

function followLink(group: Group, member: Member, up: boolean, context: MembershipContext): void {
  start(group, member, up, context);
  if (isAbsent(member.state) || member.startingUntil !== undefined || up === member.linkUp) return;
  member.linkUp = up;
  if (up) raise(group, member, context);
  else lower(group, member, context);
}

/**
 * A link that is down only because we have not set it up yet is no failure: it counts from when it is up, as one that was so from
 * the beginning, or else from when its time is over. Brought back by an administrator before that it has to work at once.
 */
function start(group: Group, member: Member, up: boolean, context: MembershipContext): void {
  const { startingUntil, state } = member;
  if (startingUntil === undefined || (!up && context.now < startingUntil && !functions(state))) return;
  member.startingUntil = undefined;
  member.linkUp = true;
  member.upSince = up ? context.now : undefined;
  if (holdNewcomer(group, member, context)) return;
  move(group, member, "started", "new", context, "new");
}

function raise(group: Group, member: Member, context: MembershipContext): void {
  context.log({ id: "link-up", interface: nameOf(member), group: group.configuration.name });
  member.upSince = context.now;
  noteUp(member.flaps, group.configuration.flapLimit, context.now);
  tryRepair(group, member, context);
}

/** What was answered before says nothing of a later repair: the probes start anew. */
function lower(group: Group, member: Member, context: MembershipContext): void {
  const names = { interface: nameOf(member), group: group.configuration.name };
  const master = masterOf(member, context.picture);
  if (master === "") context.log({ id: "link-down", ...names });
  else context.log({ id: "interface-enslaved", ...names, master });
  member.upSince = undefined;
  forgetProbes(member, context.now);
  failByLink(group, member, master === "" ? "link-down" : "enslaved", context);
}

/** What its link belongs to, or "". */
function masterOf({ link }: Member, picture: Picture): string {
  return link?.master ? (picture.links.get(link.master)?.name ?? `link ${link.master}`) : "";
}
