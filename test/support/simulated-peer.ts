/**
 * The rest of the network as one peer: which link-layer address it believes an address to have. It learns by
 * announcements and, where it knows nothing, by asking; it never forgets by itself, so a missing announcement shows.
 */
import type { Announcement, InterfaceAddress, Link } from "../../src/core/kernel-state/kernel-objects.ts";

/** What the peer can find out by sending frames. */
export interface Host {
  readonly links: readonly Link[];
  readonly addresses: { readonly all: readonly InterfaceAddress[] };
  /** Weak host model: does the host accept packets for it, whichever link they arrive on? */
  isHostAddress(family: 4 | 6, address: string): boolean;
}

export interface SentAnnouncement extends Announcement {
  readonly atMs: number;
}

export class SimulatedPeer {
  readonly heard: SentAnnouncement[] = [];
  private readonly neighbours = new Map<string, string>();
  private readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  /** A frame left the host; it arrives only if its link can carry it and it bears that link's address. */
  hear(announcement: Announcement, atMs: number): void {
    this.heard.push({ ...announcement, atMs });
    const link = this.wiredLinks().find((candidate) => candidate.index === announcement.index);
    if (link === undefined || !isLive(link) || link.hardwareAddress !== announcement.hardwareAddress) return;
    this.neighbours.set(announcement.address, announcement.hardwareAddress);
  }

  /** Can the peer's packets to this address arrive? Asks first where it knows nothing. */
  reaches(family: 4 | 6, address: string): boolean {
    if (!this.neighbours.has(address)) this.ask(address, 0);
    const believed = this.neighbours.get(address);
    const arrives = this.wiredLinks().some((link) => link.hardwareAddress === believed && isLive(link));
    return arrives && this.host.isHostAddress(family, address);
  }

  /** Does it send what is for this address to the link of that index? Link-local ones of a card it has from that card itself. */
  believes(address: string, index: number): boolean {
    const believed = this.neighbours.get(address);
    return (
      believed === undefined || this.host.links.some((one) => one.index === index && one.hardwareAddress === believed)
    );
  }

  /** Every entry has aged and is asked for anew; `choice` (0 or more) picks among several answers. */
  refresh(choice: number): void {
    for (const address of [...this.neighbours.keys()]) this.ask(address, choice);
  }

  /** The group's own device and the loopback have no cable. */
  private wiredLinks(): readonly Link[] {
    return this.host.links.filter((link) => link.kind === "" && link.hardwareAddress !== "");
  }

  /** Only links that carry the address answer (arp_ignore=1 for IPv4, always so for IPv6). */
  private ask(address: string, choice: number): void {
    const holders = this.wiredLinks().filter(
      (link) =>
        isLive(link) && this.host.addresses.all.some((held) => held.index === link.index && held.address === address),
    );
    const answer = holders[choice % Math.max(1, holders.length)];
    if (answer === undefined) this.neighbours.delete(address);
    else this.neighbours.set(address, answer.hardwareAddress);
  }
}

function isLive(link: Link): boolean {
  return link.adminUp && link.running;
}
