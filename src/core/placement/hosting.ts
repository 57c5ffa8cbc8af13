/**
 * Applies the placement rules to a group and tells what moved.
 *
 * An address that moves away from a member that still functions leaves its copy there for a while. Peers go on sending to
 * that member until they have heard the announcement, and the kernel drops IPv4 packets from a link that has no address and
 * carries no route to their sender (reverse path filter, loose mode too). So the copy stays until the move has been announced
 * twice; both members answer for the address in the meantime, and traffic arrives by either.
 */
import type { Family } from "../configuration.ts";
import { carryingMembers, type Group, isFunctioning, nameOf } from "../group.ts";
import { mayHost } from "../members/families.ts";
import type { Message } from "../messages.ts";
import { place } from "./placement.ts";

/** A little longer than the distance between two announcements. */
const RETIRING_MS = 2_500;

/** Returns whether anything is hosted elsewhere than before. One message per pair of members, not one per address. */
export function rehost(group: Group, log: (message: Message) => void): boolean {
  const before = group.hosting;
  group.hosting = placeGroup(group);
  const moves = new Map<string, { from: string | undefined; to: string; addresses: string[] }>();
  for (const [address, to] of group.hosting) {
    const from = before.get(address);
    if (from === to) continue;
    if (from !== undefined && mayHost(group, from, familyOf(address))) {
      group.retiring.set(address, { member: from, until: undefined });
    }
    const key = `${from} ${to}`;
    const move = moves.get(key) ?? { from, to, addresses: [] };
    move.addresses.push(address);
    moves.set(key, move);
  }
  for (const { from, to, addresses } of moves.values()) {
    if (from !== undefined) log({ id: "addresses-moved", group: group.configuration.name, from, to, addresses });
  }
  return moves.size > 0;
}

/** Who is to host what, as things are. */
export function placeGroup(group: Group): Map<string, string> {
  const carrying = (family: Family) => carryingMembers(group, family).map(nameOf);
  return place(group.configuration.addresses, carrying, group.hosting);
}

function familyOf(address: string): Family {
  return address.includes(":") ? 6 : 4;
}

/** The moves have been announced: from now on the time of what was left behind runs. */
export function startRetirement(group: Group, now: number): void {
  for (const [address, { member, until }] of group.retiring) {
    if (until === undefined) group.retiring.set(address, { member, until: now + RETIRING_MS });
  }
}

/**
 * Ends what is over, and what has no purpose any more: the member has failed or lost the family, or hosts the address again. One that
 * was taken offline still works.
 */
export function endRetirement(group: Group, now: number): void {
  const working = new Set(group.members.filter((one) => isFunctioning(one) || one.state === "offline").map(nameOf));
  for (const [address, { member, until }] of group.retiring) {
    const over = until !== undefined && until <= now;
    const isUseless = !working.has(member) || !mayHost(group, member, familyOf(address));
    if (over || isUseless || group.hosting.get(address) === member || !group.hosting.has(address)) {
      group.retiring.delete(address);
    }
  }
}
