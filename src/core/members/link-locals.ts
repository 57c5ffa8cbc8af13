/**
 * IPv6 through a link works only while it has a link-local address that is past duplicate address detection. Until then a
 * member settles: data stays where it is; and a link that gets none from the kernel gets one from us.
 */
import { type Group, isActive, isFunctioning, type Member } from "../group.ts";
import type { Link } from "../kernel-state/kernel-objects.ts";
import type { Picture } from "../kernel-state/picture.ts";
import { DETECTION_SETTINGS, IPV6_DISABLED } from "../kernel-state/settings.ts";

/** The kernel is late on a busy host. */
const SLACK_MS = 1_000;

/** A link-local address is new, and in duplicate address detection for no longer than this, after the link began to run. */
function detectionLimitMs({ name }: Link, { settings }: Picture): number {
  const { delay, transmits, retransmission } = DETECTION_SETTINGS;
  const read = (key: string, otherwise: number) => Number(settings.get(`${name}/${key}`) ?? otherwise);
  return read(delay, 1) * 1_000 + read(transmits, 1) * read(retransmission, 1_000) + SLACK_MS;
}

/** `member` has just begun to function. */
export function beginSettling(group: Group, member: Member, picture: Picture, now: number): void {
  const { link } = member;
  member.linkLocal = picture.linkLocalOfOurs(link?.index);
  Object.assign(member, { lackingSince: undefined, linkLocalDueAt: undefined });
  const mayCarry = link !== undefined && carriesIpv6(group) && !member.lacks.has(6);
  member.settlingUntil = mayCarry ? now + detectionLimitMs(link, picture) : undefined;
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

/** What watching needs of a step. */
export interface LinkLocalContext {
  readonly picture: Picture;
  readonly now: number;
  /** The picture has just been read anew: only that shows what is in duplicate address detection. */
  readonly scanned: boolean;
  /** Have it read soon. */
  readonly rescan: () => void;
}

/**
 * Sees to it that a functioning member has a link-local address: without one it settles. One that gets none from the kernel, whose
 * addresses were flushed or whose owner wanted none, gets one from us, but only when there is none of the kernel's at all: it tells
 * of its own only when duplicate address detection is over.
 */
export function watchLinkLocals(group: Group, context: LinkLocalContext): void {
  for (const member of group.members) {
    const { link } = member;
    const isWanted = carriesIpv6(group) || member.configuration.testAddresses.some(({ family }) => family === 6);
    const needed = isWanted && !member.lacks.has(6);
    const none = { lackingSince: undefined, linkLocalDueAt: undefined, settlingUntil: undefined, linkLocal: "" };
    if (!needed) Object.assign(member, none, { duplicateLinkLocal: "" });
    if (needed && link !== undefined && isFunctioning(member)) watch(group, member, link, context);
  }
}

function watch(group: Group, member: Member, link: Link, context: LinkLocalContext): void {
  const { picture, now, scanned, rescan } = context;
  const held = picture.foreignLinkLocal(link.index);
  const isUsable = picture.hasUsableLinkLocal(link.index);
  // Else it stays known while its detection begins anew.
  if (isUsable || held === "") member.duplicateLinkLocal = "";
  if (isUsable) {
    Object.assign(member, { lackingSince: undefined, linkLocalDueAt: undefined, settlingUntil: undefined });
    return;
  }
  const limitMs = detectionLimitMs(link, picture);
  if (member.lackingSince === undefined) {
    Object.assign(member, { lackingSince: now, linkLocal: "", linkLocalDueAt: now + limitMs });
    member.settlingUntil = carriesIpv6(group) ? now + limitMs : undefined;
  }
  const { linkLocalDueAt } = member;
  if (linkLocalDueAt !== undefined) {
    if (now < linkLocalDueAt) return;
    member.linkLocalDueAt = undefined;
    rescan();
  } else if (scanned) {
    const isDisabled = picture.settings.get(`${link.name}/${IPV6_DISABLED}`) === "1";
    member.linkLocal = held !== "" || isDisabled ? "" : linkLocalOf(link.hardwareAddress);
    member.duplicateLinkLocal = held;
  }
}

/**
 * Ends the settling of members whose time is up; and of all that are active while none of them has settled: data has been
 * entrusted to them, and is not to be moved about as one after the other gets ready.
 */
export function endSettling(group: Group, now: number): void {
  for (const member of group.members) {
    if (member.settlingUntil !== undefined && member.settlingUntil <= now) member.settlingUntil = undefined;
  }
  const active = group.members.filter((member) => isActive(member) && !member.lacks.has(6));
  if (active.some((member) => member.settlingUntil === undefined)) return;
  for (const member of active) member.settlingUntil = undefined;
}
