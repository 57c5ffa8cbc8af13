/**
 * IPv6 through a link works only while it has a link-local address that is past duplicate address detection. Until then a
 * member settles: data stays where it is; and a link that gets none from the kernel gets one from us.
 */
import { type Group, isActive, isFunctioning, type Member } from "../group.ts";
import type { Picture } from "../kernel-state/picture.ts";

/** A link-local address is new, and in duplicate address detection for 0.5 to 1.5 s, after the link was administratively up. */
const SETTLING_LIMIT_MS = 2_000;

/** `member` has just begun to function. */
export function beginSettling(group: Group, member: Member, picture: Picture, now: number): void {
  member.linkLocal = picture.linkLocalOfOurs(member.link?.index);
  member.lackingSince = undefined;
  member.settlingUntil = carriesIpv6(group) ? now + SETTLING_LIMIT_MS : undefined;
}

function carriesIpv6(group: Group): boolean {
  return group.configuration.addresses.some((address) => address.family === 6);
}

/** The one that the kernel would have made (RFC 4291, appendix A), or "" for what is no Ethernet address. */
export function linkLocalOf(hardwareAddress: string): string {
  const octets = hardwareAddress.split(":").map((octet) => Number.parseInt(octet, 16));
  if (octets.length !== 6 || octets.some(Number.isNaN)) return "";
  const [first, second, third, fourth, fifth, sixth] = octets as [number, number, number, number, number, number];
  const identifier = [(first ^ 2) * 256 + second, third * 256 + 0xff, 0xfe00 + fourth, fifth * 256 + sixth];
  const words = identifier.map((word) => word.toString(16));
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
