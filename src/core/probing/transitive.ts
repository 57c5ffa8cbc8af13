/**
 * Probing without test addresses, as an option of the group. A member that hosts a data address probes from it; one that hosts none
 * sends ARP requests that name no sender; and for IPv6 every link has a link-local address. Which of these it is changes whenever
 * an address moves. It is the same card all along, so what is known of it stays.
 */
import type { AddressPrefix, Family } from "../configuration.ts";
import { type Group, nameOf } from "../group.ts";
import { OUR_PROTOCOL } from "../kernel-state/kernel-objects.ts";
import { addressKey, type Picture } from "../kernel-state/picture.ts";
import { isLinkLocal6 } from "../subnet.ts";
import type { ProbingContext } from "./context.ts";
import type { Instance } from "./instance.ts";
import type { Target } from "./targets.ts";
import { isOnLink, isUsable } from "./test-address.ts";

export interface TransitiveSource {
  /** The data addresses of the group: targets are on their subnets. */
  addresses: readonly AddressPrefix[];
  /** What its link has to probe from by now; undefined: nothing. */
  from: AddressPrefix | undefined;
  /** Monotonic ms since when it probes as it does. Answers to earlier probes may have gone to where the address went. */
  since: number;
  /**
   * Are echo requests from that address answered? Some hosts answer ARP and no echo request. Then members that host nothing would
   * seem to be better than those that do, and data would wander about: echoes have to be answered once before they count.
   */
  echo: "untried" | "answered" | "silent";
  /** So many echoes were lost while untried. */
  unanswered: number;
}

/** So many lost before any was answered: it is the targets that do not answer echoes, and ARP tells whether the path is good. */
const ECHOES_TO_TRY = 5;

/** The group's data addresses that its members are probed for without test addresses; IPv4 needs room for a target beside each. */
export function transitiveAddresses({ configuration }: Group, family: Family): readonly AddressPrefix[] {
  if (!configuration.transitiveProbing) return [];
  return configuration.addresses.filter((one) => one.family === family && (family === 6 || one.prefixLength < 32));
}

/** Are members of the group probed even where they have no test address? */
export function isTransitive(group: Group): boolean {
  return transitiveAddresses(group, 4).length > 0 || transitiveAddresses(group, 6).length > 0;
}

/** It is probed from now on, or goes on to be. */
export function probeTransitively(instance: Instance, addresses: readonly AddressPrefix[], now: number): void {
  instance.transitive ??= { addresses, from: undefined, since: now, echo: "untried", unanswered: 0 };
  instance.transitive.addresses = addresses;
}

/** Probes leave from what each member has by now. To be called when it is decided who hosts what. */
export function followAddresses(group: Group, { picture, now }: Pick<ProbingContext, "picture" | "now">): void {
  if (!isTransitive(group)) return;
  const hosted = hostedAddresses(group);
  for (const member of group.members) {
    const { link } = member;
    const { 4: four, 6: six } = member.instances;
    if (link === undefined) continue;
    if (four.transitive !== undefined) {
      const near = nearTargets(hosted.get(nameOf(member)) ?? [], four.targets.active);
      const ready = near.filter((one) => isInPlace(one, picture, link.index));
      const present = four.transitive.from?.address;
      takeSource(four.transitive, ready.find(({ address }) => address === present) ?? ready[0], now);
    }
    if (six.transitive !== undefined) {
      takeSource(six.transitive, linkLocalOf(group, six.transitive.from, picture, link.index), now);
    }
  }
}

/** There is nothing but echoes for IPv6, so everybody's are alike, and each counts. */
function takeSource(transitive: TransitiveSource, from: AddressPrefix | undefined, now: number): void {
  if (from?.address !== transitive.from?.address) {
    Object.assign(transitive, { since: now, echo: from?.family === 6 ? "answered" : "untried", unanswered: 0 });
  }
  transitive.from = from;
}

/**
 * By name of the member, those IPv4 addresses that its probes could leave from. One that has just come from a member that still
 * works is not among them: peers may not have heard of it, and would answer that one.
 */
function hostedAddresses(group: Group): Map<string, AddressPrefix[]> {
  const hosted = new Map<string, AddressPrefix[]>();
  for (const one of transitiveAddresses(group, 4)) {
    const host = group.hosting.get(one.address);
    if (host === undefined || group.retiring.has(one.address)) continue;
    const others = hosted.get(host);
    if (others === undefined) hosted.set(host, [one]);
    else others.push(one);
  }
  return hosted;
}

function isInPlace({ address }: AddressPrefix, picture: Picture, index: number): boolean {
  const copy = picture.addresses.get(addressKey(index, address, 32));
  return copy?.protocol === OUR_PROTOCOL && !copy.tentative;
}

/** Those on whose subnets there is somebody to ask; all of them while nobody is known. */
function nearTargets(addresses: readonly AddressPrefix[], active: readonly Target[]): readonly AddressPrefix[] {
  if (active.length === 0) return addresses;
  return addresses.filter((one) => active.some(({ address }) => isOnLink(address, one)));
}

/** The one that it probes from as long as that is there; a data address may be link-local, too, but is none of the link's own. */
export function linkLocalOf(
  group: Group,
  present: AddressPrefix | undefined,
  picture: Picture,
  index: number,
): AddressPrefix | undefined {
  if (present !== undefined && isUsable(present, picture, index)) return present;
  const data = new Set(group.configuration.addresses.map(({ address }) => address));
  for (const held of picture.addresses.values()) {
    const { address } = held;
    if (held.index !== index || held.tentative || !isLinkLocal6(address) || data.has(address)) continue;
    return { family: 6, address, prefixLength: held.prefixLength, subnet: "fe80::/64", broadcast: "" };
  }
  return undefined;
}

/** A probe that left at `sentAt` was answered. */
export function noteAnswer({ transitive }: Instance, sentAt: number): void {
  if (transitive?.from !== undefined && sentAt >= transitive.since && transitive.echo === "untried") {
    transitive.echo = "answered";
  }
}

/** Is it no evidence that a probe which left at `sentAt` was lost? Its answer may have gone elsewhere, or nobody answers echoes. */
export function isExcused({ transitive }: Instance, sentAt: number): boolean {
  if (transitive === undefined) return false;
  return sentAt < transitive.since || (transitive.from !== undefined && transitive.echo === "untried");
}

/** A loss was excused. True where it was the last one: from now on it probes by ARP. */
export function noteExcused({ transitive }: Instance, sentAt: number, now: number): boolean {
  if (transitive === undefined || sentAt < transitive.since || ++transitive.unanswered < ECHOES_TO_TRY) return false;
  Object.assign(transitive, { since: now, echo: "silent" });
  return true;
}
