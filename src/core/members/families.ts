/**
 * Which families the link of a member can carry at all. The kernel takes IPv6 away from a link whose MTU is too small for it and from
 * one on which it is switched off, and it may have none; no request of that family has a chance there, and what is sent that way is
 * dropped in silence.
 */
import type { Family } from "../configuration.ts";
import { type Group, isWilling, type Member, nameOf } from "../group.ts";
import type { KernelNotice, Link } from "../kernel-state/kernel-objects.ts";
import type { Picture } from "../kernel-state/picture.ts";
import { IN_DOUBT, IPV6_DISABLED } from "../kernel-state/settings.ts";

/** With less the kernel has no such family on a link. */
export const LEAST_MTU: Readonly<Record<Family, number>> = { 4: 68, 6: 1280 };

/** Notes in each member what its link lacks by now, with the reason in words; "" until it is read why. */
export function noteLacks(group: Group, picture: Picture): void {
  for (const member of group.members) {
    const lacks = ([4, 6] as const).flatMap((family) => {
      const reason = member.link === undefined ? undefined : lackOf(member.link, family, picture);
      return reason === undefined ? [] : [[family, reason] as const];
    });
    member.lacks = new Map(lacks);
  }
}

function lackOf({ name, mtu }: Link, family: Family, picture: Picture): string | undefined {
  if (mtu < LEAST_MTU[family]) return `its MTU is ${mtu}, and IPv${family} needs ${LEAST_MTU[family]}`;
  // Not known of a link that has just come.
  const disabled = picture.settings.get(`${name}/${IPV6_DISABLED}`) ?? "0";
  if (family === 4 || disabled === "0") return undefined;
  if (disabled === IN_DOUBT) return "";
  return disabled === "1" ? `net.ipv6.conf.${name}.disable_ipv6 is 1` : "the kernel has no IPv6 there";
}

/**
 * Does this notice put in doubt what is known of the families of a link? That IPv6 was switched off the kernel tells by the removal of
 * the link-local address alone, and that it is back by that address alone. Judged by the picture from before the notice.
 */
export function raisesDoubt(notice: KernelNotice, picture: Picture): boolean {
  if (notice.kind === "link") {
    const before = picture.links.get(notice.link.index);
    return before !== undefined && before.mtu < LEAST_MTU[6] !== notice.link.mtu < LEAST_MTU[6];
  }
  if (notice.kind !== "address" && notice.kind !== "address-removed") return false;
  const { index, family, scope } = notice.address;
  const link = picture.links.get(index);
  // A link that is down loses that address in any case.
  if (family !== 6 || scope !== "link" || !link?.adminUp) return false;
  return notice.kind === "address-removed" || picture.settings.get(`${link.name}/${IPV6_DISABLED}`) !== "0";
}

/** Can the member be entrusted with data of this family, as far as anybody knows? */
export function isAble(member: Member, family: Family): boolean {
  return !member.lacks.has(family) && isWilling(member, family);
}

/** What keeps a member from carrying this family, in words; undefined: nothing. */
export function impedimentOf({ lacks, refused, duplicateLinkLocal }: Member, family: Family): string | undefined {
  const found = lacks.get(family) ?? refused.get(family);
  if (found !== undefined || family === 4 || duplicateLinkLocal === "") return found;
  return `somebody else on the link has its link-local address ${duplicateLinkLocal} (duplicate address detection); give one of them another`;
}

/** May `name` be given addresses of this family? */
export function mayHost(group: Group, name: string, family: Family): boolean {
  return !group.members.some((member) => nameOf(member) === name && !isAble(member, family));
}
