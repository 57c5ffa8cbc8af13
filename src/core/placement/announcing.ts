/**
 * When a group's data addresses are announced. Every regained right to an address is announced anew and insistently,
 * since a single frame may be lost, and a peer that missed it keeps sending to the dead NIC.
 */
import type { Order } from "../actions.ts";
import { type Group, nameOf } from "../group.ts";
import type { Announcement, KernelOutcome } from "../kernel-state/kernel-objects.ts";

/** Solaris sends five gratuitous ARPs, two seconds apart, the first at once, and three neighbour advertisements. */
const REPEAT_AFTER_MS = 2_000;
const ROUNDS = { 4: 5, 6: 3 } as const;

/** Rounds still to come for one group. */
export class AnnouncementSchedule {
  #round = 0;
  #nextAt: number | undefined;

  /** Begin again with the first round, which is due at once. */
  restart(now: number): void {
    this.#round = 0;
    this.#nextAt = now;
  }

  get nextAt(): number | undefined {
    return this.#nextAt;
  }

  /** The announcements of the round that is due, if one is. */
  due(group: Group, now: number): Announcement[] {
    if (this.#nextAt === undefined || this.#nextAt > now) return [];
    const round = this.#round++;
    const last = this.#round >= Math.max(...Object.values(ROUNDS));
    this.#nextAt = last ? undefined : now + REPEAT_AFTER_MS;
    return announcementsOf(group).filter(({ family }) => round < ROUNDS[family]);
  }
}

/** Six octets. Neither ARP over Ethernet nor we have anything to say on a link with another sort of address, or with none. */
const ETHERNET_ADDRESS = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** One announcement per hosted data address, out of the member that hosts it. */
export function announcementsOf(group: Group): Announcement[] {
  const links = new Map(group.members.map((member) => [nameOf(member), member.link]));
  return group.configuration.addresses.flatMap(({ family, address }) => {
    const link = links.get(group.hosting.get(address) ?? "");
    if (link === undefined || !ETHERNET_ADDRESS.test(link.hardwareAddress)) return [];
    return [{ index: link.index, hardwareAddress: link.hardwareAddress, family, address }];
  });
}

/** Those of an order's announcements whose addresses the kernel has put in place by it: peers must hear of no other. */
export function announceable({ requests, announcements }: Order, outcomes: readonly KernelOutcome[]): Announcement[] {
  const nameOfCopy = ({ index, address }: Pick<Announcement, "index" | "address">) => `${index} ${address}`;
  const placed = new Set(
    requests.flatMap((request, at) => (request.op === "set-address" && outcomes[at]?.ok ? nameOfCopy(request) : [])),
  );
  return announcements.filter((announcement) => placed.has(nameOfCopy(announcement)));
}
